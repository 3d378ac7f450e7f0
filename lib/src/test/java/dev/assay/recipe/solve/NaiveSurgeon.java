package dev.assay.recipe.solve;

import dev.assay.linalg.Symmetric;
import dev.assay.tensor.Matrix;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;

/**
 * The optimal brain surgeon by the book, for comparison: one row at a time and in double precision,
 * the inverse Hessian formed by elimination and reduced explicitly after every column. Grids,
 * outliers and masks are written down from the papers a second time. For small matrices.
 */
final class NaiveSurgeon {
  private final double[][] w;
  private final double[][] represented;
  private final int rows;
  private final int n;
  private final Integer[] order;
  private final double[][] damped;
  private double loss;

  // What the walk is to do; a value of 0 turns a thing off.
  int bits;
  int group;
  boolean fitsOnTheWay;
  boolean minMax;
  double threshold = Double.POSITIVE_INFINITY;
  double sparsity;
  int zeros;
  int of;
  int block = 128;
  final BitSet protectedEntries = new BitSet();
  final BitSet prunedEntries = new BitSet();

  NaiveSurgeon(Matrix weight, Symmetric h, double damping, boolean byActivation) {
    rows = weight.rows();
    n = weight.cols();
    w = new double[rows][n];
    represented = new double[rows][n];
    damped = new double[n][n];
    order = new Integer[n];
    double mean = 0;
    for (int i = 0; i < n; i++) {
      order[i] = i;
      mean += h.at(i, i) / n;
    }
    if (byActivation) {
      Arrays.sort(order, Comparator.comparingDouble(j -> -h.at(j, j)));
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        damped[i][j] = h.at(i, j) + (i == j ? damping * mean : 0);
      }
      boolean dead = h.at(i, i) == 0;
      damped[i][i] += dead ? 1 : 0;
      for (int row = 0; row < rows; row++) {
        w[row][i] = dead ? 0 : weight.at(row, i);
      }
    }
  }

  double loss() {
    return loss;
  }

  /** tr(D·H·Dᵀ) of the damped H, D against a decoded matrix; dead columns of W are 0. */
  static double quadratic(Matrix weight, Matrix effective, Symmetric h, double damping) {
    double sum = 0;
    double mean = h.meanDiagonal();
    for (int row = 0; row < weight.rows(); row++) {
      for (int i = 0; i < h.size(); i++) {
        for (int j = 0; j < h.size(); j++) {
          double element = h.at(i, j) + (i == j ? damping * mean : 0);
          element += i == j && h.at(i, i) == 0 ? 1 : 0;
          sum +=
              difference(weight, effective, h, row, i)
                  * element
                  * difference(weight, effective, h, row, j);
        }
      }
    }
    return sum;
  }

  private static double difference(Matrix weight, Matrix effective, Symmetric h, int row, int j) {
    return (h.at(j, j) == 0 ? 0 : (double) weight.at(row, j)) - effective.at(row, j);
  }

  private static double[][] inverse(double[][] matrix) {
    int n = matrix.length;
    double[][] a = new double[n][2 * n];
    for (int i = 0; i < n; i++) {
      System.arraycopy(matrix[i], 0, a[i], 0, n);
      a[i][n + i] = 1;
    }
    for (int p = 0; p < n; p++) {
      double pivot = a[p][p];
      for (int k = 0; k < 2 * n; k++) {
        a[p][k] /= pivot;
      }
      for (int i = 0; i < n; i++) {
        double factor = a[i][p];
        for (int k = 0; i != p && k < 2 * n; k++) {
          a[i][k] -= factor * a[p][k];
        }
      }
    }
    double[][] inverse = new double[n][];
    for (int i = 0; i < n; i++) {
      inverse[i] = Arrays.copyOfRange(a[i], n, 2 * n);
    }
    return inverse;
  }

  private static void eliminate(double[][] inverse, int q) {
    double[] column = new double[inverse.length];
    for (int i = 0; i < column.length; i++) {
      column[i] = inverse[i][q];
    }
    double pivot = column[q];
    for (int i = 0; i < column.length; i++) {
      for (int j = 0; j < column.length; j++) {
        inverse[i][j] -= column[i] * column[j] / pivot;
      }
    }
  }

  /** [H⁻¹]_qq of the columns that are left when q's turn comes. */
  private double[] pivots() {
    double[][] inverse = inverse(damped);
    double[] pivots = new double[n];
    for (int q : order) {
      pivots[q] = inverse[q][q];
      eliminate(inverse, q);
    }
    return pivots;
  }

  private record Line(double scale, double zero) {
    double nearest(double x, int bits, boolean real) {
      if (scale == 0) {
        return 0;
      }
      double code = real ? Math.rint(x / scale + zero) : Math.rint(x / scale) + zero;
      return scale * (Math.max(0, Math.min((1 << bits) - 1, code)) - zero);
    }
  }

  private Line line(double[] entries) {
    double lo = Arrays.stream(entries).min().orElse(0);
    double hi = Arrays.stream(entries).max().orElse(0);
    int top = (1 << bits) - 1;
    if (minMax) {
      return lo == hi
          ? new Line(Math.abs(lo) / top, -Math.signum(lo) * top)
          : new Line((hi - lo) / top, -lo / ((hi - lo) / top));
    }
    lo = Math.min(0, lo);
    hi = Math.max(0, hi);
    if (lo == 0 && hi == 0) {
      return new Line(2.0 / top, Math.rint(0.5 * top));
    }
    double scale = (hi - lo) / top;
    return new Line(scale, Math.rint(-lo / scale));
  }

  /** Fits a row's group, without what leaving it out shows to be an outlier. */
  private Line fit(int row, int[] columns, double[] pivots, double limit) {
    double[] entries = Arrays.stream(columns).mapToDouble(j -> w[row][j]).toArray();
    if (limit == Double.POSITIVE_INFINITY) {
      return line(entries);
    }
    double whole = cost(entries, columns, pivots, -1);
    double[] rest = new double[entries.length];
    int count = 0;
    for (int i = 0; i < entries.length; i++) {
      if (whole - cost(entries, columns, pivots, i) <= limit) {
        rest[count++] = entries[i];
      }
    }
    return line(Arrays.copyOf(rest, count));
  }

  private double cost(double[] entries, int[] columns, double[] pivots, int without) {
    double[] rest = new double[entries.length - (without < 0 ? 0 : 1)];
    for (int i = 0, at = 0; i < entries.length; i++) {
      if (i != without) {
        rest[at++] = entries[i];
      }
    }
    Line line = line(rest);
    double sum = 0;
    for (int i = 0; i < entries.length; i++) {
      double error = i == without ? 0 : entries[i] - line.nearest(entries[i], bits, minMax);
      sum += error * error / pivots[columns[i]];
    }
    return sum;
  }

  private double limit(double[] pivots) {
    if (threshold == Double.POSITIVE_INFINITY) {
      return threshold;
    }
    double sum = 0;
    for (int j = 0; j < n; j++) {
      double mean = 0;
      for (int row = 0; row < rows; row++) {
        mean += w[row][j] / rows;
      }
      for (int row = 0; row < rows; row++) {
        sum += (w[row][j] - mean) * (w[row][j] - mean) / (rows - 1) / pivots[j];
      }
    }
    return threshold * sum / n;
  }

  /** Walks; the result is out × in. */
  double[][] run() {
    double[] pivots = pivots();
    double limit = limit(pivots);
    double[][] inverse = inverse(damped);
    Line[][] lines = new Line[rows][n];
    int span = group == 0 ? n : group;
    if (bits > 0 && !(fitsOnTheWay && group > 0)) {
      for (int from = 0; from < n; from += span) {
        int[] columns = new int[Math.min(span, n - from)];
        for (int i = 0; i < columns.length; i++) {
          columns[i] = from + i;
        }
        fit(lines, columns, pivots, limit);
      }
    }
    for (int step = 0; step < n; step++) {
      if (bits > 0 && fitsOnTheWay && group > 0 && step % span == 0) {
        int[] columns = new int[Math.min(span, n - step)];
        for (int i = 0; i < columns.length; i++) {
          columns[i] = order[step + i];
        }
        fit(lines, columns, pivots, limit);
      }
      if (sparsity > 0 && step % block == 0) {
        mask(step, Math.min(n, step + block), pivots);
      }
      if (of > 0 && step % of == 0 && step + of <= n) {
        pattern(step, pivots);
      }
      int q = order[step];
      for (int row = 0; row < rows; row++) {
        settle(row, q, lines[row][q], pivots[q], limit);
        double delta = (w[row][q] - represented[row][q]) / inverse[q][q];
        for (int later = step + 1; later < n; later++) {
          w[row][order[later]] -= delta * inverse[order[later]][q];
        }
      }
      eliminate(inverse, q);
    }
    return represented;
  }

  private void fit(Line[][] lines, int[] columns, double[] pivots, double limit) {
    for (int row = 0; row < rows; row++) {
      int base = row * n;
      int[] open =
          Arrays.stream(columns)
              .filter(j -> !protectedEntries.get(base + j) && !prunedEntries.get(base + j))
              .toArray();
      Line line = fit(row, open, pivots, limit);
      for (int j : columns) {
        lines[row][j] = line;
      }
    }
  }

  private void settle(int row, int q, Line line, double pivot, double limit) {
    double x = w[row][q];
    double value = x;
    if (prunedEntries.get(row * n + q)) {
      value = 0;
    } else if (bits > 0 && !protectedEntries.get(row * n + q)) {
      value = line.nearest(x, bits, minMax);
      if ((x - value) * (x - value) / pivot > limit) {
        value = x;
      }
    }
    represented[row][q] = value;
    loss += (x - value) * (x - value) / pivot;
  }

  private void mask(int from, int to, double[] pivots) {
    double[] scores = new double[rows * (to - from)];
    for (int row = 0, at = 0; row < rows; row++) {
      for (int step = from; step < to; step++) {
        scores[at++] = w[row][order[step]] * w[row][order[step]] / pivots[order[step]];
      }
    }
    double[] sorted = scores.clone();
    Arrays.sort(sorted);
    double cut = sorted[(int) Math.floor(sorted.length * sparsity)];
    for (int row = 0, at = 0; row < rows; row++) {
      for (int step = from; step < to; step++) {
        if (scores[at++] <= cut) {
          prunedEntries.set(row * n + order[step]);
        }
      }
    }
  }

  private void pattern(int from, double[] pivots) {
    for (int row = 0; row < rows; row++) {
      Integer[] columns = new Integer[of];
      for (int i = 0; i < of; i++) {
        columns[i] = from + i;
      }
      double[] x = w[row];
      Arrays.sort(columns, Comparator.comparingDouble(j -> x[j] * x[j] / pivots[j]));
      for (int i = 0; i < zeros; i++) {
        prunedEntries.set(row * n + columns[i]);
      }
    }
  }
}
