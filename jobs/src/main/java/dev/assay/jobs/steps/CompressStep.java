package dev.assay.jobs.steps;

import dev.assay.jobs.tables.CellStatus;
import dev.assay.sweep.Plan;
import dev.assay.sweep.SiteTask;
import dev.assay.sweep.UnitCells;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.spark.broadcast.Broadcast;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Computes the cells of a plan, one task per site, largest first. A site with more than half a
 * minute of work is several tasks: their rows land as each ends, and the last one does not run
 * alone.
 */
final class CompressStep {
  private static final Logger LOG = LoggerFactory.getLogger(CompressStep.class);
  private static final double TASK_SECONDS = 30;

  private final SweepContext context;

  CompressStep(SweepContext context) {
    this.context = context;
  }

  /**
   * Runs the plan.
   *
   * @param failed factorizations that are not possible, by id
   * @return whether it ran to its end rather than being stopped
   */
  boolean run(Plan plan, Map<String, Factorized.Failed> failed) throws IOException {
    context.pulse().begin("compress", plan.cells());
    return run(
        "compress",
        plan,
        SiteCompression.Wanted.ALL,
        failed,
        this::land,
        (task, why) -> landLost(plan, task, why));
  }

  /**
   * Measures errors on the calibration tokens of cells that are done without.
   *
   * @param plan those cells
   * @return whether it ran to its end rather than being stopped
   */
  boolean measureOutputs(Plan plan) throws IOException {
    context.pulse().begin("measure outputs", plan.cells());
    return run(
        "measure outputs of",
        plan,
        SiteCompression.Wanted.OUTPUTS,
        Map.of(),
        rows -> {
          context.committer().append(rows.outputs());
          context.pulse().advance(rows.outputs().size(), rows.unmeasured().size());
          rows.unmeasured().stream()
              .findFirst()
              .ifPresent(
                  why ->
                      LOG.warn(
                          "{} cells could not be made again to measure their outputs; {}",
                          rows.unmeasured().size(),
                          why));
        },
        (task, why) -> {
          context.pulse().advance(0, task.cells());
          LOG.warn("Outputs of {} cells could not be measured; {}", task.cells(), why.message());
        });
  }

  private boolean run(
      String what,
      Plan plan,
      SiteCompression.Wanted wanted,
      Map<String, Factorized.Failed> failed,
      Consumer<SiteRows> land,
      TaskPool.OnLost<SiteTask> lost)
      throws IOException {
    Broadcast<Map<String, Factorized.Failed>> shared =
        context.spark().broadcast(new HashMap<>(failed));
    return new TaskPool(context.spark())
        .run(
            what + " " + plan.units() + " matrices, " + plan.cells() + " cells",
            plan.tasks().stream().flatMap(task -> task.split(TASK_SECONDS).stream()).toList(),
            new SiteCompression(
                context.model(),
                context.labels(),
                context.factors(),
                context.statistics(),
                wanted,
                shared,
                context.hadoop(),
                plan.seed()),
            land,
            lost,
            context.pulse()::beat);
  }

  private void land(SiteRows rows) {
    context.committer().append(rows.metrics());
    context.committer().append(rows.outputs());
    context.committer().append(rows.cells());
    context.pulse().executor(rows.executor(), rows.backend());
    long failures =
        rows.cells().stream().filter(row -> row.outcome().status() == CellStatus.FAILED).count();
    context.pulse().cells(rows.cells().size() - failures, failures);
  }

  /** A task that cannot be run is its cells' failure, not the sweep's. */
  private void landLost(Plan plan, SiteTask task, LostTask why) {
    for (UnitCells unit : task.units()) {
      context
          .committer()
          .append(
              unit.cells().stream()
                  .map(cell -> CellRows.lost(context.labels(), plan.seed(), unit.unit(), cell, why))
                  .toList());
    }
    context.pulse().cells(0, task.cells());
  }
}
