package dev.assay.recipe;

import dev.assay.tensor.Matrix;
import java.io.Serializable;
import java.util.Map;
import java.util.SplittableRandom;

/** How important each weight is: larger scores are protected first. */
public sealed interface Score extends Serializable {
  /** |w|. */
  record Magnitude() implements Score {
    @Override
    public float[] of(State state, Knowledge knowledge) {
      float[] scores = state.rest().data().clone();
      absolute(scores);
      return scores;
    }

    @Override
    public Map<String, Object> canonical() {
      return Map.of("score", "magnitude");
    }
  }

  /**
   * A uniform random number per entry. The numbers depend on the seed and the weight but not on the
   * budget, so selections nest: what is protected at k is protected at every larger k.
   *
   * @param replicate tells several random selections apart
   */
  record Random(int replicate) implements Score {
    @Override
    public float[] of(State state, Knowledge knowledge) {
      SplittableRandom random = new SplittableRandom(knowledge.seed("random-score/" + replicate));
      float[] scores = new float[state.rest().size()];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = (random.nextLong() >>> 40) * 0x1p-24f;
      }
      return scores;
    }

    @Override
    public boolean seeded() {
      return true;
    }

    @Override
    public Map<String, Object> canonical() {
      return Map.of("score", "random", "replicate", replicate);
    }
  }

  /**
   * |U_r Σ_r V_rᵀ|, the weight's principal structure (arXiv 2512.01343). With r = min(out, in) it
   * is the magnitude. r is capped at min(out, in).
   *
   * @param rank r ≥ 1
   */
  record Principal(int rank) implements Score {
    @Override
    public float[] of(State state, Knowledge knowledge) {
      int capped = factorRank(state.weight().rows(), state.weight().cols());
      Matrix principal = knowledge.factors(capped).product(capped);
      float[] scores = principal.data();
      absolute(scores);
      return scores;
    }

    @Override
    public int factorRank(int rows, int cols) {
      return Math.min(rank, Math.min(rows, cols));
    }

    @Override
    public boolean ofWeight() {
      return true;
    }

    @Override
    public Map<String, Object> canonical() {
      return Map.of("score", "principal", "rank", rank);
    }
  }

  /**
   * Scores every entry, row-major, out × in.
   *
   * @return a new array, larger is more important
   */
  float[] of(State state, Knowledge knowledge);

  /** The factorization rank needed of a rows × cols weight, 0 if none. */
  default int factorRank(int rows, int cols) {
    return 0;
  }

  /** Whether the result depends on the user's seed. */
  default boolean seeded() {
    return false;
  }

  /** Whether the score is about the weight itself and means nothing for a residual or a factor. */
  default boolean ofWeight() {
    return false;
  }

  /** Everything that determines the scores. */
  Map<String, Object> canonical();

  private static void absolute(float[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.abs(values[i]);
    }
  }
}
