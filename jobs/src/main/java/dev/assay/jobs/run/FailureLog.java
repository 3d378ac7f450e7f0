package dev.assay.jobs.run;

import dev.assay.jobs.tables.CellRow;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says of every cell that failed which one it is and why; of very many, how many there are. */
final class FailureLog {
  private static final Logger LOG = LoggerFactory.getLogger(FailureLog.class);
  private static final long SHOWN = 100;

  private long seen;

  void add(CellRow row) {
    seen++;
    if (seen <= SHOWN) {
      LOG.warn(
          "Cell {} failed: {} of {}: {}: {}",
          row.cellId(),
          row.recipe().label(),
          row.unit(),
          row.outcome().errorClass(),
          row.outcome().errorMessage());
    }
    if (seen == SHOWN) {
      LOG.warn("Cells that fail from here on are counted; the table cells names them");
    }
  }

  /** Says how many were not named. */
  void finish() {
    if (seen > SHOWN) {
      LOG.warn("{} more cells failed", seen - SHOWN);
    }
  }
}
