package dev.assay.jobs.steps.evaluate;

import dev.assay.jobs.pool.TaskPool;
import dev.assay.jobs.store.EffectiveWeights;
import dev.assay.plan.UnitCells;
import java.io.IOException;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Makes the artifact of a unit's one cell inside a task.
 *
 * @param weights where effective weights come from and artifacts go
 * @param hadoop configuration for file systems
 */
public record MakeArtifact(EffectiveWeights weights, Broadcast<SerializableConfiguration> hadoop)
    implements TaskPool.Body<UnitCells, String> {

  @Override
  public String describe(UnitCells unit) {
    return unit.describe();
  }

  /** Returns the matrix's name. */
  @Override
  public String run(UnitCells unit) throws IOException {
    weights.compressed(unit, hadoop.value().value());
    return unit.unit().name();
  }
}
