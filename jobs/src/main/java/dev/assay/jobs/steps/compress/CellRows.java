package dev.assay.jobs.steps.compress;

import dev.assay.checkpoint.Tensor;
import dev.assay.compress.CellResult;
import dev.assay.compress.LayerMetrics;
import dev.assay.jobs.pool.LostTask;
import dev.assay.jobs.pool.PoolJob;
import dev.assay.jobs.run.ModelLabels;
import dev.assay.jobs.run.SiteRows;
import dev.assay.jobs.tables.CellRow;
import dev.assay.jobs.tables.CellStatus;
import dev.assay.jobs.tables.LayerMetricsRow;
import dev.assay.jobs.tables.OutputMetricsRow;
import dev.assay.plan.Cell;
import dev.assay.plan.Ids;
import dev.assay.plan.StatisticsIds;
import dev.assay.plan.Unit;
import dev.assay.recipe.NamedRecipe;
import java.util.Map;
import org.apache.spark.SparkEnv;

/** Makes table rows of what became of cells. */
final class CellRows {
  private final ModelLabels labels;
  private final StatisticsIds statistics;
  private final long userSeed;
  private final String host;
  private final String executor;
  private final int attempts;

  private CellRows(
      ModelLabels labels,
      StatisticsIds statistics,
      long userSeed,
      String host,
      String executor,
      int attempts) {
    this.labels = labels;
    this.statistics = statistics;
    this.userSeed = userSeed;
    this.host = host;
    this.executor = executor;
    this.attempts = attempts;
  }

  /** For what the task that runs on this thread computes. */
  static CellRows ofThisTask(ModelLabels labels, StatisticsIds statistics, long userSeed) {
    SparkEnv here = SparkEnv.get();
    return new CellRows(
        labels,
        statistics,
        userSeed,
        here.blockManager().blockManagerId().host(),
        here.executorId(),
        PoolJob.attempt());
  }

  /** The row of a cell whose task could not be run. */
  static CellRow lost(ModelLabels labels, long userSeed, Cell cell, LostTask why) {
    CellResult.Failed failed = new CellResult.Failed(why.errorClass(), why.message());
    return new CellRows(
            labels, new StatisticsIds.None(), userSeed, why.host(), why.executor(), why.attempts())
        .cell(
            new CellResult(cell, failed, 0),
            CellStatus.FAILED,
            failed.errorClass(),
            failed.message() + "; retry=failed computes the cell again");
  }

  void add(CellResult result, SiteRows rows) {
    if (result.outcome() instanceof CellResult.Done done) {
      rows.metrics().add(metrics(result.cell(), done.metrics()));
      String notes = done.notes().isEmpty() ? null : String.join("; ", done.notes());
      rows.cells().add(cell(result, CellStatus.DONE, null, notes));
    } else if (result.outcome() instanceof CellResult.Failed failed) {
      rows.cells().add(cell(result, CellStatus.FAILED, failed.errorClass(), failed.message()));
    }
  }

  /** Adds a cell's error on the calibration tokens, where there is one. */
  void addOutput(CellResult result, SiteRows rows) {
    Unit unit = result.cell().unit();
    if (result.outcome() instanceof CellResult.Done done) {
      done.outputError()
          .ifPresent(
              error ->
                  rows.outputs()
                      .add(
                          new OutputMetricsRow(
                              result.cell().id(),
                              statistics.of(unit.matrix().input()).orElseThrow(),
                              labels.model(),
                              unit.layer() < 0 ? null : unit.layer(),
                              unit.matrix().name(),
                              error.relative(),
                              error.tokens())));
    }
  }

  private CellRow cell(CellResult result, CellStatus status, String errorClass, String message) {
    Cell cell = result.cell();
    Unit unit = cell.unit();
    Tensor weight = unit.matrix().weight();
    NamedRecipe named = cell.recipe();
    Map<String, Number> columns = named.recipe().columns(weight.rows(), weight.cols());
    return new CellRow(
        cell.id(),
        labels.model(),
        labels.architecture(),
        unit.site(),
        unit.name(),
        new CellRow.RecipeColumns(
            named.name(),
            named.label(),
            named.aliases(),
            named.parameters(),
            Ids.json(named.recipe().canonical()),
            integer(columns, "bits"),
            integer(columns, "group_size"),
            integer(columns, "rank"),
            columns.containsKey("keep") ? columns.get("keep").longValue() : null,
            columns.containsKey("sparsity") ? columns.get("sparsity").doubleValue() : null,
            cell.factorization().needed() ? cell.factorization().factorizer().id() : null),
        userSeed,
        new CellRow.Outcome(
            status, errorClass, message, attempts, result.seconds(), host, executor));
  }

  private static Integer integer(Map<String, Number> columns, String name) {
    return columns.containsKey(name) ? columns.get(name).intValue() : null;
  }

  private LayerMetricsRow metrics(Cell cell, LayerMetrics metrics) {
    Unit unit = cell.unit();
    Tensor weight = unit.matrix().weight();
    return new LayerMetricsRow(
        cell.id(),
        labels.model(),
        labels.architecture(),
        unit.layer() < 0 ? null : unit.layer(),
        unit.name(),
        unit.matrix().name(),
        unit.matrix().role(),
        weight.rows(),
        weight.cols(),
        weight.encoding().type().name(),
        metrics.relativeError(),
        metrics.sqnrDb(),
        metrics.maxAbsError(),
        metrics.cosine(),
        metrics.nonFinite(),
        metrics.effectiveBits(),
        metrics.storedBytes());
  }
}
