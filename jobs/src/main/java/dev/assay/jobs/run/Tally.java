package dev.assay.jobs.run;

import dev.assay.jobs.tables.CellStatus;
import dev.assay.jobs.tables.read.Progress;
import dev.assay.plan.Cell;
import dev.assay.plan.Plan;
import dev.assay.plan.Retry;
import java.util.EnumMap;
import java.util.Map;

/**
 * How much of a plan is there already.
 *
 * @param planned its cells
 * @param done computed before
 * @param failed failed before, and left alone
 * @param again failed before, and to be computed again
 */
public record Tally(long planned, long done, long failed, long again) {
  /** Compares a plan with what an output holds. */
  public static Tally of(Plan plan, Progress progress, Retry retry) {
    Map<CellStatus, Long> counts = new EnumMap<>(CellStatus.class);
    plan.each()
        .map(cell -> progress.cells().get(cell.id()))
        .filter(status -> status != null)
        .forEach(status -> counts.merge(status, 1L, Long::sum));
    long failed = counts.getOrDefault(CellStatus.FAILED, 0L);
    long done = counts.getOrDefault(CellStatus.DONE, 0L);
    return retry == Retry.FAILED
        ? new Tally(plan.cells(), done, 0, failed)
        : new Tally(plan.cells(), done, failed, 0);
  }

  /** Whether a cell is to be computed. */
  public static boolean wanted(Cell cell, Progress progress, Retry retry) {
    CellStatus status = progress.cells().get(cell.id());
    return status == null || (status == CellStatus.FAILED && retry == Retry.FAILED);
  }

  /** Cells that need not be computed. */
  public long skipped() {
    return done + failed;
  }

  /** Cells to compute. */
  public long left() {
    return planned - skipped();
  }

  /** Cells that no run has computed yet. */
  public long fresh() {
    return left() - again;
  }
}
