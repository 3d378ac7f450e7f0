package dev.assay.evaluate.answers;

import java.util.List;

/** What a model said about a data set, beside the labels. */
public sealed interface Outcome permits Classified, Scored {
  /** Number of rows. */
  int n();

  /**
   * Measures. Deterministic: a function of labels, predictions and seed. Cost: 1000 passes over the
   * rows for every metric but accuracy.
   *
   * @param metrics of classes for {@link Classified}, of scores for {@link Scored}
   * @param seed of the bootstrap intervals
   * @return one for each metric, in order
   */
  List<Measure> measures(List<Metric> metrics, long seed);
}
