package dev.assay.evaluate.answers;

import java.util.Locale;

/** What a task measures. */
public enum Metric {
  /** Correct predictions per row; interval by Wilson. */
  ACCURACY,
  /**
   * F1 of class 1, 2·TP / (2·TP + FP + FN); undefined where no row is of class 1 or is said to be.
   * Seeded bootstrap interval.
   */
  F1,
  /**
   * Matthews' correlation coefficient, in Gorodkin's form for any number of classes (Computational
   * Biology and Chemistry 28, 2004); undefined where the predictions or the labels are all one
   * class. Seeded bootstrap interval.
   */
  MATTHEWS,
  /**
   * Pearson's correlation; undefined for a constant, also one but for rounding. Seeded bootstrap
   * interval.
   */
  PEARSON,
  /** Spearman's: Pearson's correlation of the ranks, ties at their mid-rank. */
  SPEARMAN;

  /** The name in tables, such as {@code f1}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
