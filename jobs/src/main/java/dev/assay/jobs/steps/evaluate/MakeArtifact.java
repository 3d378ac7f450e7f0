package dev.assay.jobs.steps.evaluate;

import dev.assay.jobs.pool.TaskPool;
import dev.assay.jobs.store.EffectiveWeights;
import dev.assay.plan.Cell;
import java.io.IOException;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Makes a cell's artifact inside a task.
 *
 * @param weights where effective weights come from and artifacts go
 * @param hadoop configuration for file systems
 */
public record MakeArtifact(EffectiveWeights weights, Broadcast<SerializableConfiguration> hadoop)
    implements TaskPool.Body<Cell, String> {

  @Override
  public String describe(Cell cell) {
    return cell.describe();
  }

  /** Returns the unit's name. */
  @Override
  public String run(Cell cell) throws IOException {
    weights.compressed(cell, hadoop.value().value());
    return cell.unit().name();
  }
}
