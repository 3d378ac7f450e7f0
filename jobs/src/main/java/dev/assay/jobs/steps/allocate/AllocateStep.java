package dev.assay.jobs.steps.allocate;

import dev.assay.jobs.run.SweepContext;
import dev.assay.jobs.tables.AllocationRow;
import dev.assay.jobs.tables.read.MeasuredCells;
import dev.assay.jobs.tables.read.Progress;
import dev.assay.plan.Cell;
import dev.assay.plan.Objective;
import dev.assay.plan.Plan;
import dev.assay.plan.StatisticsIds;
import dev.assay.plan.Target;
import dev.assay.plan.allocate.Allocated;
import dev.assay.plan.allocate.Choice;
import dev.assay.recipe.UnfitException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.spark.sql.SparkSession;

/**
 * Allocates every budget over the cells that are measured. It computes on the driver, from the
 * tables, whichever run the cells are from.
 */
public final class AllocateStep {
  private final List<Target> targets;
  private final Plan plan;
  private final StatisticsIds statistics;
  private final SparkSession session;
  private final String sweep;
  private List<Allocated> allocated = List.of();

  /**
   * Prepares it.
   *
   * @param plan all cells to choose from
   * @param statistics which statistics output errors are of
   * @param sweep the sweep's folder
   */
  public AllocateStep(
      List<Target> targets,
      Plan plan,
      StatisticsIds statistics,
      SparkSession session,
      String sweep) {
    this.targets = targets;
    this.plan = plan;
    this.statistics = statistics;
    this.session = session;
    this.sweep = sweep;
  }

  /**
   * Allocates from what stands in the tables now.
   *
   * @param impossible is told of a budget that cannot be allocated, and why
   */
  public void allocate(Consumer<String> impossible) {
    List<Allocated> all = new ArrayList<>();
    if (!targets.isEmpty()) {
      MeasuredCells measured = MeasuredCells.read(session, sweep);
      for (Target target : targets) {
        try {
          all.add(Allocated.of(target, plan, cell -> choice(cell, target.objective(), measured)));
        } catch (UnfitException e) {
          impossible.accept(e.getMessage());
        }
      }
    }
    allocated = List.copyOf(all);
  }

  /** What it came to when it was last asked. */
  public List<Allocated> allocated() {
    return allocated;
  }

  /** Whether any of that is not in the tables yet. */
  public boolean due() {
    return !allocated.isEmpty()
        && !Progress.allocations(session, sweep)
            .containsAll(allocated.stream().map(Allocated::id).toList());
  }

  /** Allocates once everything measured is committed, and lands what is new. */
  public void run(SweepContext context, Consumer<String> impossible) throws IOException {
    if (targets.isEmpty()) {
      return;
    }
    context.pulse().settle();
    allocate(impossible);
    if (due()) {
      allocated.forEach(one -> land(context, one));
    }
  }

  private Optional<Choice> choice(Cell cell, Objective objective, MeasuredCells measured) {
    Optional<Double> loss =
        switch (objective) {
          case WEIGHT_ERROR -> measured.weightError(cell.id());
          case OUTPUT_ERROR ->
              statistics
                  .of(cell.unit().matrix().input())
                  .flatMap(id -> measured.outputError(cell.id(), id));
        };
    return loss.filter(Double::isFinite)
        .flatMap(lost -> measured.bytes(cell.id()).map(bytes -> new Choice(cell, bytes, lost)));
  }

  private static void land(SweepContext context, Allocated one) {
    AllocationRow.Whole whole =
        new AllocationRow.Whole(
            one.target().objective().id(),
            one.bytes(),
            one.allocation().bytes(),
            one.allocation().loss(),
            one.allocation().bound());
    context
        .committer()
        .append(
            one.allocation().chosen().stream()
                .map(
                    choice ->
                        new AllocationRow(
                            one.id(),
                            one.target().label(),
                            context.labels().model(),
                            choice.cell().unit().name(),
                            choice.cell().id(),
                            choice.cell().recipe().label(),
                            choice.bytes(),
                            choice.loss(),
                            whole))
                .toList());
  }
}
