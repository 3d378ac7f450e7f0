package dev.assay.evaluate.answers;

import java.io.Serializable;

/**
 * How many of how many.
 *
 * @param correct from 0 to n
 * @param n at least 0
 */
public record Proportion(int correct, int n) implements Serializable {
  /** 97.5 % point of the standard normal distribution. */
  private static final double Z = 1.959963984540054;

  /** Checks the bounds. */
  public Proportion {
    if (correct < 0 || correct > n) {
      throw new IllegalArgumentException(correct + " of " + n);
    }
  }

  /** correct / n, NaN for n = 0. */
  public double value() {
    return (double) correct / n;
  }

  /**
   * Wilson's score interval at 95 %, without continuity correction (JASA 22, 1927); [0, 1] for n =
   * 0. Contains {@link #value} and never leaves [0, 1].
   */
  public Interval wilson() {
    if (n == 0) {
      return new Interval(0, 1);
    }
    double p = value();
    double z2 = Z * Z / n;
    double centre = (p + z2 / 2) / (1 + z2);
    double half = Z * Math.sqrt(p * (1 - p) / n + z2 / (4 * n)) / (1 + z2);
    // Rounding may put an end a hair beyond the value where that is 0 or 1.
    double low = correct == 0 ? 0 : Math.max(0, centre - half);
    double high = correct == n ? 1 : Math.min(1, centre + half);
    return new Interval(low, high);
  }
}
