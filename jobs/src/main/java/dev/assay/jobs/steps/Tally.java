package dev.assay.jobs.steps;

import dev.assay.jobs.tables.CellStatus;
import dev.assay.jobs.tables.Progress;
import dev.assay.sweep.Plan;
import dev.assay.sweep.Retry;
import dev.assay.sweep.SiteTask;
import dev.assay.sweep.UnitCells;
import java.util.EnumMap;
import java.util.Map;

/**
 * How much of a plan is there already.
 *
 * @param planned its cells
 * @param done computed before
 * @param failed failed before, and left alone
 */
public record Tally(long planned, long done, long failed) {
  /** Compares a plan with what an output holds. */
  public static Tally of(Plan plan, Progress progress, Retry retry) {
    Map<CellStatus, Long> counts = new EnumMap<>(CellStatus.class);
    for (SiteTask task : plan.tasks()) {
      for (UnitCells unit : task.units()) {
        unit.cells().stream()
            .map(cell -> progress.cells().get(cell.id()))
            .filter(status -> status != null)
            .forEach(status -> counts.merge(status, 1L, Long::sum));
      }
    }
    return new Tally(
        plan.cells(),
        counts.getOrDefault(CellStatus.DONE, 0L),
        retry == Retry.FAILED ? 0 : counts.getOrDefault(CellStatus.FAILED, 0L));
  }

  /** Cells that need not be computed. */
  public long skipped() {
    return done + failed;
  }

  /** Cells to compute. */
  public long left() {
    return planned - skipped();
  }
}
