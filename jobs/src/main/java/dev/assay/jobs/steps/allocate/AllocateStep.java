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

  /**
   * Prepares it.
   *
   * @param plan all cells to choose from
   * @param statistics which statistics output errors are of
   */
  public AllocateStep(List<Target> targets, Plan plan, StatisticsIds statistics) {
    this.targets = targets;
    this.plan = plan;
    this.statistics = statistics;
  }

  /**
   * What is allocated from what stands in the tables now.
   *
   * @param sweep the sweep's folder, with everything committed
   * @param impossible is told of a budget that cannot be allocated, and why
   */
  public List<Allocated> allocated(
      SparkSession session, String sweep, Consumer<String> impossible) {
    if (targets.isEmpty()) {
      return List.of();
    }
    MeasuredCells measured = MeasuredCells.read(session, sweep);
    List<Allocated> all = new ArrayList<>();
    for (Target target : targets) {
      try {
        all.add(Allocated.of(target, plan, cell -> choice(cell, target.objective(), measured)));
      } catch (UnfitException e) {
        impossible.accept(e.getMessage());
      }
    }
    return all;
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

  /** Whether any of it is not in the tables yet, as it came to now. */
  public static boolean due(SparkSession session, String sweep, List<Allocated> all) {
    return !all.isEmpty()
        && !Progress.allocations(session, sweep)
            .containsAll(all.stream().map(Allocated::id).toList());
  }

  /** Lands what was allocated. */
  public static void land(SweepContext context, List<Allocated> all) {
    for (Allocated one : all) {
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
}
