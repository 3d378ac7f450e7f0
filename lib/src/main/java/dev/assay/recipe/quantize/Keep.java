package dev.assay.recipe.quantize;

import dev.assay.config.Settings;
import dev.assay.part.Dense;
import dev.assay.part.Sparse;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Outline;
import dev.assay.recipe.Stage;
import dev.assay.recipe.State;
import dev.assay.recipe.UnfitException;
import dev.assay.recipe.ValueType;
import dev.assay.recipe.Work;
import dev.assay.tensor.DType;
import java.util.BitSet;
import java.util.Map;

/**
 * Stores what is left as it is: the dense baseline, or the factors of a plain low-rank method.
 *
 * @param type what to store it in
 */
public record Keep(ValueType type) implements Stage {
  /** Reads the stage from its block. */
  public static Keep read(Settings settings) {
    return new Keep(settings.choice("value-type", ValueType.class, ValueType.SOURCE));
  }

  @Override
  public String name() {
    return "keep";
  }

  @Override
  public State apply(State state, Knowledge knowledge) {
    DType stored = type.of(state.stored());
    BitSet pruned = state.pruned();
    return state.finish(
        pruned.isEmpty()
            ? new Dense(state.rest(), stored)
            : new Sparse(state.rest(), pruned, stored));
  }

  @Override
  public Outline plan(Outline before) {
    if (before.frozen()) {
      throw new UnfitException(
          "Stage 'keep' stores everything: nothing can be protected before it");
    }
    return before.completed();
  }

  @Override
  public Map<String, Object> canonical() {
    return Map.of("version", 1, "value-type", type.label());
  }

  @Override
  public Work work(int rows, int cols) {
    return new Work(0, 2.0 * rows * cols);
  }
}
