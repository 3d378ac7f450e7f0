package dev.assay.recipe;

/** What a stage has to know beside the weight's own values. */
public enum Need {
  /** What calibration learned about the weight's input. */
  STATISTICS,
  /** What a task's gradients say about the weight. */
  FISHER,
  /** The other weights that read the same input, which some choices are made with jointly. */
  PEERS
}
