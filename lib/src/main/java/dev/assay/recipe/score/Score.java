package dev.assay.recipe.score;

import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Need;
import dev.assay.recipe.Outline;
import dev.assay.recipe.State;
import dev.assay.recipe.UnfitException;
import dev.assay.recipe.Work;
import java.io.Serializable;
import java.util.Map;
import java.util.Set;

/**
 * How important each entry w of what is still to be represented is: larger scores are protected
 * first, smaller ones pruned first.
 *
 * <p>Scores that weigh an entry by its input channel give 0 to every entry of a dead channel, one
 * that calibration saw nothing but zeros in: whatever becomes of it, the output stays.
 */
public interface Score extends Serializable {
  /**
   * Scores every entry, row-major, out × in; none is NaN.
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

  /**
   * Checks that the score means something after what {@code before} says was done.
   *
   * @throws UnfitException if it does not
   */
  default void plan(Outline before) {}

  /** What the score has to know beside the weight's values and factors. */
  default Set<Need> needs() {
    return Set.of();
  }

  /** Estimated work on a rows × cols weight. */
  default Work work(int rows, int cols) {
    return new Work(0, 2.0 * rows * cols);
  }

  /** Everything that determines the scores. */
  Map<String, Object> canonical();
}
