package dev.assay.evaluate.answers;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * Percentile bootstrap intervals over rows (Efron and Tibshirani, An Introduction to the Bootstrap,
 * 1993, §13.3). The resamples are a function of the seed and the number of rows alone, so two
 * models of one data set are resampled alike.
 */
final class Bootstrap {
  /** Resamples of every interval. */
  static final int RESAMPLES = 1000;

  private static final double TAIL = 0.025;

  private Bootstrap() {}

  /**
   * The 2.5 % and 97.5 % points of a statistic over resamples of n rows, interpolated between order
   * statistics at h = (m − 1)·q (numpy's default). Resamples for which the statistic is NaN, such
   * as a correlation of a constant, are left out; undefined if all are, or n is 0. Cost: 1000
   * evaluations.
   *
   * @param statistic of n row numbers, which may repeat
   */
  static Interval percentile(int n, long seed, ToDoubleFunction<int[]> statistic) {
    if (n == 0) {
      return Interval.UNDEFINED;
    }
    SplittableRandom random = new SplittableRandom(seed);
    int[] rows = new int[n];
    double[] values = new double[RESAMPLES];
    int defined = 0;
    for (int resample = 0; resample < RESAMPLES; resample++) {
      for (int i = 0; i < n; i++) {
        // 31 random bits scaled to [0, n): no row is likelier than another by more than n / 2³¹.
        rows[i] = (int) (((random.nextLong() >>> 33) * n) >>> 31);
      }
      double value = statistic.applyAsDouble(rows);
      if (!Double.isNaN(value)) {
        values[defined++] = value;
      }
    }
    if (defined == 0) {
      return Interval.UNDEFINED;
    }
    double[] sorted = Arrays.copyOf(values, defined);
    Arrays.sort(sorted);
    return new Interval(quantile(sorted, TAIL), quantile(sorted, 1 - TAIL));
  }

  private static double quantile(double[] sorted, double q) {
    double h = (sorted.length - 1) * q;
    int below = (int) h;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (h - below) * (sorted[above] - sorted[below]);
  }
}
