package dev.assay.recipe;

import dev.assay.part.BasisChange;
import java.util.List;

/**
 * Names what a stage chooses for all weights that read one input: the stage with all its settings,
 * and the basis in which it looks at them.
 */
public record Joint(Stage stage, List<BasisChange> basis) {
  /** The choice that {@code stage} makes where {@code state} stands. */
  public static Joint of(Stage stage, State state) {
    return new Joint(stage, List.copyOf(state.basis()));
  }
}
