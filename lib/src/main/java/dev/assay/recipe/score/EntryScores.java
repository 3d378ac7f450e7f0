package dev.assay.recipe.score;

import dev.assay.recipe.State;
import dev.assay.recipe.UnfitException;
import dev.assay.tensor.Matrix;

/** What scores that look at one entry at a time have in common. */
final class EntryScores {
  private EntryScores() {}

  /** The score of one entry, computed in double. */
  @FunctionalInterface
  interface Entry {
    double of(double w, int row, int col);
  }

  static void absolute(float[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.abs(values[i]);
    }
  }

  /**
   * Scores every entry of what is still to be represented, row-major.
   *
   * @throws UnfitException if a score is NaN
   */
  static float[] of(State state, Entry entry) {
    Matrix rest = state.rest();
    float[] scores = new float[rest.size()];
    for (int i = 0, at = 0; i < rest.rows(); i++) {
      for (int j = 0; j < rest.cols(); j++, at++) {
        double score = entry.of(rest.data()[at], i, j);
        if (Double.isNaN(score)) {
          throw new UnfitException(
              "The score of entry ["
                  + i
                  + ", "
                  + j
                  + "] is NaN: what calibration learned of it is not finite; calibrate again");
        }
        scores[at] = (float) Math.min(score, Float.MAX_VALUE);
      }
    }
    return scores;
  }
}
