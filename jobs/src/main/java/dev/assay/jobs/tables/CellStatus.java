package dev.assay.jobs.tables;

/** How a cell ended. A cell that has not ended has no row. */
public enum CellStatus {
  /** Computed; its metrics are in {@code layer_metrics}. */
  DONE,
  /** Tried and not possible; class and message of the error are in the row. */
  FAILED
}
