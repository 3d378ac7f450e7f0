package dev.assay.jobs;

import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Extent;
import dev.assay.checkpoint.LeftOut;
import dev.assay.jobs.run.Tally;
import dev.assay.jobs.steps.calibrate.Calibration;
import dev.assay.jobs.steps.identify.SweepInputs;
import dev.assay.plan.Plan;
import dev.assay.plan.Plan.FactorTask;
import dev.assay.plan.SweepSettings;
import dev.assay.plan.Trial;
import dev.assay.plan.Unit;
import dev.assay.recipe.NamedRecipe;
import dev.assay.recipe.Work;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A plan for people. */
final class PlanReport {
  private static final int SHOWN = 40;

  private final SweepInputs inputs;
  private final SweepSettings settings;
  private final Checkpoint checkpoint;
  private final Plan plan;
  private final Plan left;
  private final Optional<Tally> tally;

  PlanReport(SweepInputs inputs, Plan plan, Plan left, Optional<Tally> tally) {
    this.inputs = inputs;
    this.settings = inputs.settings();
    this.checkpoint = inputs.checkpoint();
    this.plan = plan;
    this.left = left;
    this.tally = tally;
  }

  void print(PrintStream out) {
    List<FactorTask> factors = plan.factorTasks();
    Work factorWork = factors.stream().map(FactorTask::work).reduce(Work.NONE, Work::plus);
    Work work = plan.work().plus(factorWork);
    List<Unit> units = plan.units();
    long parameters = units.stream().mapToLong(Unit::size).sum();
    long bytes = units.stream().mapToLong(Unit::bytes).sum();
    int cores = Runtime.getRuntime().availableProcessors();
    out.printf(Locale.ROOT, "sweep      %s -> %s%n", settings.sweep(), settings.out());
    out.printf(
        Locale.ROOT,
        "model      %s (%s), %d of %d matrices chosen, %.1f M weights, %s%n",
        settings.modelName(),
        checkpoint.modelType(),
        units.size(),
        checkpoint.matrices().size(),
        parameters / 1e6,
        bytes(bytes));
    out.printf(
        Locale.ROOT,
        "cells      %,d = %d recipes x %d matrices, in %d tasks%n",
        plan.cells(),
        settings.recipes().size(),
        units.size(),
        plan.tasks().size());
    tally.ifPresent(
        known ->
            out.printf(
                Locale.ROOT,
                "           %,d done, %,d failed%s, %,d new; %,d to compute%n",
                known.done(),
                known.failed() + known.again(),
                known.again() > 0 ? " (tried again)" : "",
                known.fresh(),
                known.left()));
    if (!inputs.identified()) {
      out.printf(
          Locale.ROOT,
          "           %s told by the weights' digests: sweep makes them, and reads %s for it, once%n",
          tally.isPresent() ? "they are" : "which of them are done is",
          bytes(checkpoint.extents().stream().mapToLong(Extent::bytes).sum()));
    }
    LeftOut.lines(checkpoint.inventory().leftOut())
        .forEach(line -> out.println("left out   " + line));
    inputs
        .calibration()
        .ifPresent(
            made ->
                out.printf(
                    Locale.ROOT,
                    "calibrate  %d texts of %s, %,d tokens; %s under out while it lasts%n",
                    made.sequences().texts().size(),
                    made.settings().task(),
                    made.sequences().tokens(),
                    bytes(made.scratch())));
    inputs
        .calibration()
        .flatMap(Calibration::differentiated)
        .ifPresent(
            count ->
                out.printf(Locale.ROOT, "gradients  of the loss by up to %d weights%n", count));
    settings
        .allocations()
        .forEach(
            target ->
                out.printf(
                    Locale.ROOT,
                    "allocate   %s, %,d bytes, %s least, once cells are measured%n",
                    target.label(),
                    target.bytes(units),
                    target.objective().id()));
    if (settings.evaluation().wanted()) {
      List<Trial> trials = plan.trials();
      boolean dense = trials.stream().anyMatch(Trial::dense);
      out.printf(
          Locale.ROOT,
          "evaluate   %d models, the dense one among them, on %s, but for those that are done;"
              + " not part of the work below%n",
          trials.size() + settings.allocations().size() + (dense ? 0 : 1),
          settings.evaluation().task());
    }
    out.printf(Locale.ROOT, "factors    %d factorizations for all cells%n", factors.size());
    out.printf(
        Locale.ROOT,
        "work       %.1f GFLOP for all cells, about %s on one core, %s on the %d of this machine%n",
        work.flops() / 1e9,
        time(work.seconds()),
        time(work.seconds() / cores),
        cores);
    tally
        .filter(known -> known.left() < known.planned())
        .ifPresent(
            known ->
                out.printf(
                    Locale.ROOT,
                    "           about %s on one core for the %,d to compute, factors aside%n",
                    known.left() == 0 ? "nothing" : time(left.work().seconds()),
                    known.left()));
    out.printf(
        Locale.ROOT,
        "memory     about %s of heap for each task slot, for its largest matrix%n",
        bytes(plan.memory(inputs.statisticsIds())));
    out.println("recipes");
    settings.recipes().stream()
        .limit(SHOWN)
        .map(PlanReport::line)
        .forEach(line -> out.println("  " + line));
    if (settings.recipes().size() > SHOWN) {
      out.printf(Locale.ROOT, "  ... and %d more%n", settings.recipes().size() - SHOWN);
    }
  }

  private static String line(NamedRecipe recipe) {
    return recipe.aliases().isEmpty()
        ? recipe.label()
        : recipe.label() + " = " + String.join(" = ", recipe.aliases());
  }

  private static String bytes(long count) {
    return count < 10 << 20
        ? String.format(Locale.ROOT, "%.1f MiB", count / 1048576.0)
        : count < 10L << 30
            ? String.format(Locale.ROOT, "%.0f MiB", count / 1048576.0)
            : String.format(Locale.ROOT, "%.1f GiB", count / 1073741824.0);
  }

  private static String time(double seconds) {
    return seconds < 90
        ? String.format(Locale.ROOT, "%.0f s", Math.max(1, seconds))
        : seconds < 5400
            ? String.format(Locale.ROOT, "%.0f min", seconds / 60)
            : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
  }
}
