package dev.assay.recipe;

import java.io.Serializable;
import java.util.Map;
import java.util.Set;

/**
 * One move of a compression method: it takes what is still to be represented and leaves less.
 *
 * <p>A paper is a list of these ({@link Recipe}). A stage is a value: everything that determines
 * its result is a component, and {@link #canonical()} spells all of it.
 */
public interface Stage extends Serializable {
  /** The stage's name in configuration, {@code quantize}. */
  String name();

  /**
   * Runs the stage.
   *
   * @param state what earlier stages left
   * @param knowledge what is known of the weight beyond its values
   * @return a new state; the given one is unchanged
   * @throws UnfitException if the stage cannot work on this matrix
   */
  State apply(State state, Knowledge knowledge);

  /**
   * Checks that this stage means something where it stands.
   *
   * @param before what the stages before it have done
   * @return what has been done after it
   * @throws UnfitException if it does not
   */
  Outline plan(Outline before);

  /** Whether this stage would do nothing at all, so that a recipe with it equals one without. */
  default boolean idle() {
    return false;
  }

  /** The factorization rank this stage needs of a rows × cols weight, 0 if none. */
  default int factorRank(int rows, int cols) {
    return 0;
  }

  /** What the stage has to know beside the weight's values and factors. */
  default Set<Need> needs() {
    return Set.of();
  }

  /** Whether the result depends on the user's seed. */
  default boolean seeded() {
    return false;
  }

  /** Whether it rounds what enters the linear, which no weight can stand for. */
  default boolean roundsInputs() {
    return false;
  }

  /** Everything that determines the result, for ids, with a version that grows when results do. */
  Map<String, Object> canonical();

  /**
   * Checks this stage against a rows × cols weight without running it.
   *
   * @throws UnfitException if it asks for more than the matrix has
   */
  default void check(int rows, int cols) {}

  /**
   * The settings that tables have columns for, by column name: {@code bits}, {@code group_size},
   * {@code rank}, {@code keep}, {@code sparsity}.
   */
  default Map<String, Number> columns(int rows, int cols) {
    return Map.of();
  }

  /** Estimated work on a rows × cols weight. */
  Work work(int rows, int cols);
}
