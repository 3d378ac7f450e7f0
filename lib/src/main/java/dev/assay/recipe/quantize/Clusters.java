package dev.assay.recipe.quantize;

import java.util.Arrays;
import java.util.Comparator;

/**
 * The best partition of weighted numbers into intervals: the exact optimum of one-dimensional
 * k-means, Σ gᵢ·(xᵢ − c)² over all points and their clusters' means c.
 *
 * <p>Optimal clusters are intervals of the sorted points, so the best cost of k clusters for the
 * first j points is the least over i of that of k − 1 for the first i, and one for the rest. The
 * best i does not decrease with j, by which each k takes n·log n steps (divide and conquer;
 * Grønlund et al., arXiv:1701.07204).
 *
 * @param centres the clusters' weighted means, ascending; the last repeated where there are fewer
 *     distinct points than clusters
 * @param cost the sum of squares
 */
record Clusters(double[] centres, double cost) {
  /** The best {@code count} clusters of a granule's entries. */
  static Clusters of(Granule granule, int count) {
    Points points = Points.of(granule);
    return points.size() <= count ? points.themselves(count) : new Search(points, count).run();
  }

  /**
   * Distinct values, ascending, with running sums of g, g·x, g·x², x taken from the mean.
   *
   * @param values distinct values
   * @param mean what is subtracted for the sums
   */
  private record Points(double[] values, double mean, double[] g, double[] gx, double[] gxx) {
    static Points of(Granule granule) {
      int n = granule.count();
      boolean weighted = false;
      for (int i = 0; i < n; i++) {
        weighted |= granule.weight(i) > 0;
      }
      Integer[] order = new Integer[n];
      Arrays.setAll(order, i -> i);
      Arrays.sort(order, Comparator.comparingDouble(granule::entry));
      double[] values = new double[n];
      double[] weights = new double[n];
      int size = 0;
      double total = 0;
      double sum = 0;
      for (int i : order) {
        double weight = weighted ? granule.weight(i) : 1;
        if (weight > 0) {
          double x = granule.entry(i);
          if (size == 0 || values[size - 1] != x) {
            values[size++] = x;
          }
          weights[size - 1] += weight;
          total += weight;
          sum += weight * x;
        }
      }
      double mean = size == 0 ? 0 : sum / total;
      double[] g = new double[size + 1];
      double[] gx = new double[size + 1];
      double[] gxx = new double[size + 1];
      for (int i = 0; i < size; i++) {
        double x = values[i] - mean;
        g[i + 1] = g[i] + weights[i];
        gx[i + 1] = gx[i] + weights[i] * x;
        gxx[i + 1] = gxx[i] + weights[i] * x * x;
      }
      return new Points(Arrays.copyOf(values, size), mean, g, gx, gxx);
    }

    int size() {
      return values.length;
    }

    Clusters themselves(int count) {
      double[] centres = Arrays.copyOf(values, count);
      Arrays.fill(centres, size(), count, size() == 0 ? 0 : values[size() - 1]);
      return new Clusters(centres, 0);
    }

    /** The cost of points [from, to) as one cluster. */
    double cost(int from, int to) {
      double sum = gx[to] - gx[from];
      return Math.max(0, gxx[to] - gxx[from] - sum * sum / (g[to] - g[from]));
    }

    double centre(int from, int to) {
      return mean + (gx[to] - gx[from]) / (g[to] - g[from]);
    }
  }

  /** The dynamic programme. */
  private static final class Search {
    private final Points points;

    /** Where the last of k + 1 clusters begins that hold the first j points. */
    private final int[][] begins;

    private double[] before;
    private double[] best;

    Search(Points points, int count) {
      this.points = points;
      this.begins = new int[count][points.size() + 1];
      this.best = new double[points.size() + 1];
      this.before = new double[points.size() + 1];
    }

    Clusters run() {
      int n = points.size();
      for (int j = 1; j <= n; j++) {
        best[j] = points.cost(0, j);
      }
      for (int k = 1; k < begins.length; k++) {
        double[] swapped = before;
        before = best;
        best = swapped;
        fill(k, k + 1, n, k, n - 1);
      }
      double[] centres = new double[begins.length];
      for (int k = begins.length - 1, to = n; k >= 0; k--) {
        int from = begins[k][to];
        centres[k] = points.centre(from, to);
        to = from;
      }
      return new Clusters(centres, best[n]);
    }

    /** The best for the first {@code least} to {@code most} points; none of k + 1 is empty. */
    private void fill(int k, int least, int most, int first, int last) {
      if (least > most) {
        return;
      }
      int j = (least + most) >>> 1;
      double lowest = Double.POSITIVE_INFINITY;
      int found = first;
      for (int i = first; i <= Math.min(last, j - 1); i++) {
        double cost = before[i] + points.cost(i, j);
        if (cost < lowest) {
          lowest = cost;
          found = i;
        }
      }
      best[j] = lowest;
      begins[k][j] = found;
      fill(k, least, j - 1, first, found);
      fill(k, j + 1, most, found, last);
    }
  }
}
