package dev.assay.recipe.score;

import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Need;
import dev.assay.recipe.Outline;
import dev.assay.recipe.State;
import dev.assay.recipe.UnfitException;
import dev.assay.tensor.Matrix;
import java.util.Map;
import java.util.Set;

/**
 * w²·Fᵢⱼ with the diagonal of the empirical Fisher information: how much a task's loss suffers from
 * losing the entry, to second order. F is known of the weight in its own basis only.
 */
public record FisherDiagonal() implements Score {
  @Override
  public float[] of(State state, Knowledge knowledge) {
    checkBasis(state);
    Matrix fisher = knowledge.fisher().diagonal();
    return EntryScores.of(state, (w, i, j) -> w * w * fisher.at(i, j));
  }

  void checkBasis(State state) {
    if (!state.basis().isEmpty()) {
      throw new UnfitException(
          "Score fisher is known in the weight's own basis only; it cannot follow a transform");
    }
  }

  @Override
  public void plan(Outline before) {
    if (before.factor()) {
      throw new UnfitException(
          "Score fisher is of the weight's entries; of a low-rank factor's nothing is known");
    }
    if (before.rebased()) {
      throw new UnfitException(
          "Score fisher is known in the weight's own basis only; it cannot follow a transform");
    }
  }

  @Override
  public Set<Need> needs() {
    return Set.of(Need.FISHER);
  }

  @Override
  public Map<String, Object> canonical() {
    return Map.of("score", "fisher");
  }
}
