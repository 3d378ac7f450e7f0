package dev.assay.recipe.score;

import java.util.BitSet;

/** Selection of the largest scores; ties go to the lowest index. */
public final class TopK {
  private TopK() {}

  private static final int DIGIT = 16;

  /** Indices of the {@code count} largest scores. Cost O(n). */
  public static BitSet indices(float[] scores, int count) {
    BitSet chosen = new BitSet(scores.length);
    if (count == 0) {
      return chosen;
    }
    float threshold = largest(scores, count);
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

  /** The {@code count}-th largest number, by the two halves of its bits. */
  private static float largest(float[] scores, int count) {
    int[] high = new int[1 << DIGIT];
    for (float score : scores) {
      high[ordered(score) >>> DIGIT]++;
    }
    int upper = high.length;
    int left = count;
    do {
      upper--;
      left -= high[upper];
    } while (left > 0);
    left += high[upper];
    int[] low = new int[1 << DIGIT];
    for (float score : scores) {
      int bits = ordered(score);
      if (bits >>> DIGIT == upper) {
        low[bits & (low.length - 1)]++;
      }
    }
    int lower = low.length;
    do {
      lower--;
      left -= low[lower];
    } while (left > 0);
    int bits = upper << DIGIT | lower;
    return Float.intBitsToFloat(bits < 0 ? bits ^ Integer.MIN_VALUE : ~bits);
  }

  /** Bits that are, without a sign, in the order of the numbers. */
  private static int ordered(float score) {
    int bits = Float.floatToIntBits(score);
    return bits < 0 ? ~bits : bits ^ Integer.MIN_VALUE;
  }
}
