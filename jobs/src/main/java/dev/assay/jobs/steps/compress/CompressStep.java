package dev.assay.jobs.steps.compress;

import dev.assay.jobs.pool.LostTask;
import dev.assay.jobs.pool.TaskPool;
import dev.assay.jobs.run.SiteRows;
import dev.assay.jobs.run.SweepContext;
import dev.assay.jobs.steps.factorize.Factorized;
import dev.assay.jobs.tables.CellRow;
import dev.assay.jobs.tables.TableRow;
import dev.assay.plan.Cell;
import dev.assay.plan.Plan;
import dev.assay.plan.SiteTask;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.spark.broadcast.Broadcast;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Computes the cells of a plan, in tasks of at most half a minute, the largest first. */
public final class CompressStep {
  private static final Logger LOG = LoggerFactory.getLogger(CompressStep.class);

  private final SweepContext context;

  public CompressStep(SweepContext context) {
    this.context = context;
  }

  /**
   * Runs the plan.
   *
   * @param failed factorizations that are not possible, by id
   * @return whether it ran to its end rather than being stopped
   */
  public boolean run(Plan plan, Map<String, Factorized.Failed> failed) throws IOException {
    context.pulse().begin("compress", plan.cells(), plan.work().seconds());
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
  public boolean measureOutputs(Plan plan) throws IOException {
    context.pulse().begin("measure outputs", plan.cells(), plan.work().seconds());
    return run(
        "measure outputs of",
        plan,
        SiteCompression.Wanted.OUTPUTS,
        Map.of(),
        (task, rows) -> {
          context.committer().append(rows.outputs());
          context
              .pulse()
              .advance(rows.outputs().size(), rows.unmeasured().size(), task.work().seconds());
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
          context.pulse().advance(0, task.cells().size(), task.work().seconds());
          LOG.warn(
              "Outputs of {} cells could not be measured; {}", task.cells().size(), why.message());
        });
  }

  private boolean run(
      String what,
      Plan plan,
      SiteCompression.Wanted wanted,
      Map<String, Factorized.Failed> failed,
      BiConsumer<SiteTask, SiteRows> land,
      TaskPool.OnLost<SiteTask> lost)
      throws IOException {
    Broadcast<Map<String, Factorized.Failed>> shared =
        context.spark().broadcast(new HashMap<>(failed));
    return new TaskPool(context.spark())
        .run(
            what
                + " "
                + plan.units().size()
                + " matrices of "
                + context.labels().model()
                + ", "
                + plan.cells()
                + " cells",
            plan.packed(context.spark().defaultParallelism()),
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

  private void land(SiteTask task, SiteRows rows) {
    List<TableRow> measured = new ArrayList<>(rows.metrics());
    measured.addAll(rows.outputs());
    context.pulse().executor(rows.executor(), rows.backend());
    context.pulse().cells(rows.cells(), measured, task.work().seconds());
  }

  /** A task that cannot be run is its cells' failure, not the sweep's. */
  private void landLost(Plan plan, SiteTask task, LostTask why) {
    List<CellRow> rows = new ArrayList<>();
    for (Cell cell : task.cells()) {
      rows.add(CellRows.lost(context.labels(), plan.seed(), cell, why));
    }
    context.pulse().cells(rows, List.of(), task.work().seconds());
  }
}
