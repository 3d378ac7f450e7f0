package dev.assay.evaluate.answers;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Holm's step-down correction for several tests (Scandinavian Journal of Statistics 6, 1979): the
 * probability of even one false rejection among all of them stays below the level that corrected
 * p-values are compared with, however the tests depend on each other.
 */
public final class Holm {
  private Holm() {}

  /**
   * Corrects p-values. With p₍₁₎ ≤ … ≤ p₍ₘ₎ sorted, the corrected p₍ᵢ₎ is the largest of min(1, (m
   * − j + 1)·p₍ⱼ₎) over j ≤ i. Cost O(n log n).
   *
   * @param p the tests that were made
   * @param tests m, how many were planned, at least as many; one that could not be made counts as
   *     if its p-value was 1
   * @return corrected p-values in the order of {@code p}
   */
  public static double[] correct(double[] p, int tests) {
    if (tests < p.length) {
      throw new IllegalArgumentException(p.length + " p-values of " + tests + " tests");
    }
    int[] order =
        IntStream.range(0, p.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> p[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] corrected = new double[p.length];
    double largest = 0;
    for (int i = 0; i < order.length; i++) {
      largest = Math.max(largest, Math.min(1, (tests - i) * p[order[i]]));
      corrected[order[i]] = largest;
    }
    return corrected;
  }
}
