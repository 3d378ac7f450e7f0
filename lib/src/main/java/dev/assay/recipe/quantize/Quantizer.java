package dev.assay.recipe.quantize;

import dev.assay.part.Granularity;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Need;
import dev.assay.recipe.Outline;
import dev.assay.recipe.State;
import dev.assay.recipe.Work;
import java.io.Serializable;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Fits levels to granules and says how they are stored. Who asks decides which entries a granule
 * has, when it is fitted, and what code an entry gets in the end.
 */
public interface Quantizer extends Serializable {
  /** Bits of a code. */
  int bits();

  /** Which entries share levels. */
  Granularity granularity();

  /** The same with other granules. */
  Quantizer with(Granularity other);

  /** The best levels for a granule's entries, before anything is rounded for storage. */
  Fit fit(Granule granule);

  /**
   * Storage for a matrix's levels.
   *
   * @param groups granules in an output row
   * @param count granules in all
   */
  LevelStore store(int groups, int count);

  /**
   * How much an entry's error counts, row-major, 0 or more; empty where all count alike.
   *
   * @throws dev.assay.recipe.UnfitException if it cannot be known
   */
  default Optional<float[]> importance(State state, Knowledge knowledge) {
    return Optional.empty();
  }

  /** What it has to know beside the weight's values. */
  default Set<Need> needs() {
    return Set.of();
  }

  /**
   * Checks that it means something after what {@code before} says was done.
   *
   * @throws dev.assay.recipe.UnfitException if it does not
   */
  default void plan(Outline before) {}

  /** Everything that determines the result, with a version that grows when results do. */
  Map<String, Object> canonical();

  /** The settings that tables have columns for. */
  default Map<String, Number> columns() {
    return granularity() instanceof Granularity.Group group
        ? Map.of("bits", bits(), "group_size", group.size())
        : Map.of("bits", bits());
  }

  /** Estimated work on a rows × cols weight. */
  Work work(int rows, int cols);
}
