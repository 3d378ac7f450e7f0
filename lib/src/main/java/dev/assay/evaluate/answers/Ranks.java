package dev.assay.evaluate.answers;

import java.util.Arrays;

/**
 * Mid-ranks of selections of one column, without sorting each.
 *
 * @param place of each row's value among the distinct values
 * @param distinct number of distinct values
 */
record Ranks(int[] place, int distinct) {
  static Ranks of(double[] values) {
    // Adding 0 makes −0 a 0, so the two are one value here as they are for ==.
    double[] sorted = Arrays.stream(values).map(value -> value + 0.0).sorted().distinct().toArray();
    int[] place =
        Arrays.stream(values).mapToInt(v -> Arrays.binarySearch(sorted, v + 0.0)).toArray();
    return new Ranks(place, sorted.length);
  }

  /** The mid-rank, from 1, of each of these rows among them. */
  double[] of(int[] rows) {
    int[] counts = new int[distinct];
    for (int row : rows) {
      counts[place[row]]++;
    }
    double[] rank = new double[distinct];
    long below = 0;
    for (int i = 0; i < distinct; i++) {
      rank[i] = below + (counts[i] + 1) / 2.0;
      below += counts[i];
    }
    double[] ranks = new double[rows.length];
    for (int i = 0; i < rows.length; i++) {
      ranks[i] = rank[place[rows[i]]];
    }
    return ranks;
  }
}
