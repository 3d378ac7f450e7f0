package dev.assay.jobs.steps.overlap;

import dev.assay.jobs.pool.TaskPool;
import dev.assay.jobs.run.SweepContext;
import dev.assay.jobs.store.StatisticsStore;
import dev.assay.plan.Cell;
import dev.assay.plan.Overlap;
import dev.assay.plan.Plan;
import dev.assay.plan.SiteTask;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Measures how much the entries that recipes protect overlap, one task per site. */
public final class OverlapStep {
  private final List<SiteOverlaps.Task> tasks = new ArrayList<>();
  private long pairs;

  /**
   * Plans the pairs that are not known yet.
   *
   * @param plan cells that are done, or will be
   * @param known ids of overlaps
   */
  public OverlapStep(Plan plan, StatisticsStore statistics, Set<String> known) {
    for (SiteTask site : plan.tasks()) {
      List<SiteOverlaps.Wanted> units = new ArrayList<>();
      for (List<Cell> ofUnit : site.byUnit()) {
        List<Overlap> overlaps =
            Overlap.of(ofUnit, statistics.ids(), plan.seed()).stream()
                .filter(overlap -> !known.contains(overlap.id()))
                .toList();
        if (!overlaps.isEmpty()) {
          units.add(new SiteOverlaps.Wanted(ofUnit.get(0).unit(), overlaps));
          pairs += overlaps.size();
        }
      }
      if (!units.isEmpty()) {
        tasks.add(new SiteOverlaps.Task(units));
      }
    }
  }

  /** Whether there is anything to do. */
  public boolean wanted() {
    return !tasks.isEmpty();
  }

  /**
   * Runs them.
   *
   * @return whether it ran to its end rather than being stopped
   */
  public boolean run(SweepContext context, long userSeed) throws IOException {
    context.pulse().begin("overlap", pairs);
    return new TaskPool(context.spark())
        .run(
            "overlap of " + pairs + " pairs of selections",
            tasks,
            new SiteOverlaps(
                context.model(),
                context.labels(),
                context.factors(),
                context.statistics(),
                context.hadoop(),
                userSeed),
            (task, rows) -> {
              context.committer().append(rows);
              context.pulse().advance(rows.size(), 0);
            },
            context.pulse()::beat);
  }
}
