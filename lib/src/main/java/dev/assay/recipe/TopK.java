package dev.assay.recipe;

import java.util.Arrays;
import java.util.BitSet;

/** Selection of the largest scores; ties go to the lowest index. */
final class TopK {
  private TopK() {}

  /**
   * Indices of the {@code count} largest scores. Cost O(n log n) in the worst case, one sort of a
   * copy.
   */
  static BitSet indices(float[] scores, int count) {
    BitSet chosen = new BitSet(scores.length);
    if (count == 0) {
      return chosen;
    }
    float[] sorted = scores.clone();
    Arrays.sort(sorted);
    float threshold = sorted[sorted.length - count];
    int above = 0;
    for (int i = 0; i < scores.length; i++) {
      if (scores[i] > threshold) {
        chosen.set(i);
        above++;
      }
    }
    for (int i = 0; i < scores.length && above < count; i++) {
      if (scores[i] == threshold) {
        chosen.set(i);
        above++;
      }
    }
    return chosen;
  }
}
