package dev.assay.evaluate.pairs;

import dev.assay.evaluate.answers.Classified;
import dev.assay.evaluate.answers.Constant;
import java.io.Serializable;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A rule that calls a pair a paraphrase.
 *
 * @param value a pair is class 1 if its score is at least this, else class 0; infinite where one
 *     answer for all pairs is best
 */
public record Threshold(double value) implements Serializable {
  /**
   * The threshold with the most correct answers. Candidates are +∞, the midpoints between
   * neighbouring distinct scores, and −∞; of equally good ones the highest is taken. Scores that
   * are not finite get no answer and have no say; scores that are equal but for rounding ({@link
   * Constant}) have nothing between them to choose. Cost O(n log n).
   *
   * @param labels 0 or 1, one for each score
   */
  static Threshold choose(double[] scores, int[] labels) {
    int[] order =
        IntStream.range(0, scores.length)
            .filter(i -> Double.isFinite(scores[i]))
            .boxed()
            .sorted((a, b) -> Double.compare(scores[b], scores[a]))
            .mapToInt(Integer::intValue)
            .toArray();
    boolean constant = Constant.is(Arrays.stream(scores).filter(Double::isFinite).toArray());
    // Relative to +∞, where every pair is class 0.
    int gain = 0;
    int best = 0;
    double value = Double.POSITIVE_INFINITY;
    for (int i = 0; i < order.length; i++) {
      gain += labels[order[i]] == 1 ? 1 : -1;
      double score = scores[order[i]];
      boolean last = i + 1 == order.length;
      if (!last && (constant || scores[order[i + 1]] == score)) {
        continue;
      }
      if (gain > best) {
        best = gain;
        value = last ? Double.NEGATIVE_INFINITY : midpoint(scores[order[i + 1]], score);
      }
    }
    return new Threshold(value);
  }

  /** Strictly above the lower and at most the higher, also where no number lies between. */
  private static double midpoint(double lower, double higher) {
    double middle = lower + (higher - lower) / 2;
    return middle > lower ? middle : higher;
  }

  int classOf(double score) {
    if (!Double.isFinite(score)) {
      return Classified.NONE;
    }
    return score >= value ? 1 : 0;
  }
}
