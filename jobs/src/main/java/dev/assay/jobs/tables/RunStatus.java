package dev.assay.jobs.tables;

/** How far a run has come. */
public enum RunStatus {
  /** Began, and has not said how it ended: still at work, or killed. */
  STARTED,
  /** Every cell it planned has a row; some may be FAILED. */
  DONE,
  /** Stopped by an error. */
  FAILED,
  /** Stopped from outside, in good order. */
  INTERRUPTED
}
