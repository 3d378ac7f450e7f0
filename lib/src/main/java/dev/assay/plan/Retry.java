package dev.assay.plan;

/** Which finished cells are computed again. */
public enum Retry {
  /** None: a cell that failed is done. */
  NONE,
  /** Those that failed. */
  FAILED
}
