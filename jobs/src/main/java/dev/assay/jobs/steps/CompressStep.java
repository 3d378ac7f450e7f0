package dev.assay.jobs.steps;

import dev.assay.jobs.tables.CellStatus;
import dev.assay.sweep.Plan;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.broadcast.Broadcast;

/** Computes the cells of a plan, one task per site, largest first. */
final class CompressStep {
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
    Broadcast<Map<String, Factorized.Failed>> shared =
        context.spark().broadcast(new HashMap<>(failed));
    return new TaskPool(context.spark())
        .run(
            "compress " + plan.units() + " matrices, " + plan.cells() + " cells",
            plan.tasks(),
            new SiteCompression(
                context.model(),
                context.labels(),
                context.factors(),
                shared,
                context.hadoop(),
                plan.seed()),
            this::land,
            context.pulse()::beat);
  }

  private void land(SiteRows rows) {
    context.committer().append(rows.metrics());
    context.committer().append(rows.cells());
    context.pulse().executor(rows.executor(), rows.backend());
    long failures =
        rows.cells().stream().filter(row -> row.outcome().status() == CellStatus.FAILED).count();
    context.pulse().advance(rows.cells().size() - failures, failures);
  }
}
