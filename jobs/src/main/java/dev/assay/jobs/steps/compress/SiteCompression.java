package dev.assay.jobs.steps.compress;

import dev.assay.InputException;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Tensor;
import dev.assay.compress.CellResult;
import dev.assay.compress.Input;
import dev.assay.compress.UnitCompressor;
import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.jobs.pool.TaskPool;
import dev.assay.jobs.run.ModelLabels;
import dev.assay.jobs.run.SiteRows;
import dev.assay.jobs.steps.factorize.Factorized;
import dev.assay.jobs.store.FactorStore;
import dev.assay.jobs.store.SiteInputs;
import dev.assay.jobs.store.StatisticsStore;
import dev.assay.jobs.store.WeightSource;
import dev.assay.linalg.Blas;
import dev.assay.linalg.Factors;
import dev.assay.plan.Cell;
import dev.assay.plan.Factorization;
import dev.assay.plan.SiteTask;
import dev.assay.plan.Unit;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Computes all cells of a site inside a task, one matrix in memory at a time.
 *
 * @param model path of the checkpoint
 * @param labels what the model is called
 * @param store where factors are
 * @param statistics where statistics are
 * @param wanted what is to land
 * @param failed factorizations that are not possible, by id
 * @param hadoop configuration for file systems
 * @param userSeed the user's seed
 */
record SiteCompression(
    String model,
    ModelLabels labels,
    FactorStore store,
    StatisticsStore statistics,
    Wanted wanted,
    Broadcast<Map<String, Factorized.Failed>> failed,
    Broadcast<SerializableConfiguration> hadoop,
    long userSeed)
    implements TaskPool.Body<SiteTask, SiteRows> {
  private static final Logger LOG = LoggerFactory.getLogger(SiteCompression.class);

  /** What of the cells is to land. */
  enum Wanted {
    /** Everything. */
    ALL,
    /** Their errors on the calibration tokens; the rest has landed before. */
    OUTPUTS
  }

  /** A factorization that failed, seen from a cell that needs it. */
  private static final class FactorizationFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FactorizationFailed(Factorized.Failed failure) {
      super(failure.errorClass() + ": " + failure.message());
    }
  }

  @Override
  public SiteRows run(SiteTask task) throws IOException {
    Configuration conf = hadoop.value().value();
    CellRows rows = CellRows.ofThisTask(labels, statistics.ids(), userSeed);
    SiteRows landed = SiteRows.begin(Blas.backend());
    SiteInputs inputs = new SiteInputs(model, statistics, conf);
    for (List<Cell> cells : task.byUnit()) {
      Unit unit = cells.get(0).unit();
      for (CellResult result : compress(unit, cells, inputs.of(unit), conf)) {
        LOG.debug(
            "Cell {}: {} of {}, {} s",
            result.cell().id(),
            result.cell().recipe().label(),
            unit.name(),
            result.seconds());
        if (wanted == Wanted.ALL) {
          rows.add(result, landed);
        } else if (result.outcome() instanceof CellResult.Failed failed) {
          landed.unmeasured().add(unit.name() + ": " + failed.message());
        }
        rows.addOutput(result, landed);
      }
    }
    return landed;
  }

  @Override
  public String describe(SiteTask task) {
    return task.describe();
  }

  @Override
  public double estimate(SiteTask task) {
    return task.work().seconds();
  }

  private List<CellResult> compress(Unit unit, List<Cell> cells, Input input, Configuration conf)
      throws IOException {
    Tensor tensor = unit.matrix().weight();
    Matrix weight;
    try {
      weight = Checkpoint.read(HadoopFolder.open(model, conf), tensor);
    } catch (InputException e) {
      List<CellResult> results = new ArrayList<>();
      for (Cell cell : cells) {
        results.add(new CellResult(cell, CellResult.Failed.of(e), 0));
      }
      return results;
    }
    return new UnitCompressor(
            unit,
            weight,
            new WeightSource(
                tensor, (of, factorization) -> factors(of, factorization, conf), statistics, conf),
            input,
            userSeed)
        .compress(cells);
  }

  private Factors factors(Tensor tensor, Factorization factorization, Configuration conf)
      throws IOException {
    String id = factorization.id(tensor, userSeed);
    Factorized.Failed failure = failed.value().get(id);
    if (failure != null) {
      throw new FactorizationFailed(failure);
    }
    return store.read(id, conf);
  }
}
