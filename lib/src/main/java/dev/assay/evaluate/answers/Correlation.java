package dev.assay.evaluate.answers;

import java.util.Arrays;

/**
 * A correlation of two columns, of any selection of their rows. Undefined where one of the columns
 * is constant, or constant but for rounding: then it would be a correlation with the rounding.
 */
interface Correlation {
  /** The correlation over rows, which may repeat; NaN for fewer than two or a constant column. */
  double of(int[] rows);

  /** Pearson's. Cost per call O(rows). */
  static Correlation pearson(double[] x, double[] y) {
    return rows -> {
      double[] a = select(x, rows);
      double[] b = select(y, rows);
      return Constant.is(a) || Constant.is(b) ? Double.NaN : pearsonOf(a, b);
    };
  }

  /** Spearman's, ties at their mid-rank. Sorts once; cost per call O(rows + distinct values). */
  static Correlation spearman(double[] x, double[] y) {
    Ranks xs = Ranks.of(x);
    Ranks ys = Ranks.of(y);
    return rows ->
        Constant.is(select(x, rows)) || Constant.is(select(y, rows))
            ? Double.NaN
            : pearsonOf(xs.of(rows), ys.of(rows));
  }

  private static double[] select(double[] values, int[] rows) {
    return Arrays.stream(rows).mapToDouble(row -> values[row]).toArray();
  }

  private static double pearsonOf(double[] a, double[] b) {
    int n = a.length;
    double meanA = Arrays.stream(a).sum() / n;
    double meanB = Arrays.stream(b).sum() / n;
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < n; i++) {
      double da = a[i] - meanA;
      double db = b[i] - meanB;
      ab += da * db;
      aa += da * da;
      bb += db * db;
    }
    return Math.max(-1, Math.min(1, ab / (Math.sqrt(aa) * Math.sqrt(bb))));
  }
}
