package dev.assay.recipe.score;

import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Need;
import dev.assay.recipe.Outline;
import dev.assay.recipe.State;
import dev.assay.tensor.Matrix;
import java.util.Map;
import java.util.Set;

/**
 * Fᵢⱼ alone, the diagonal of the empirical Fisher information: how much a task's loss suffers from
 * a change of the entry, whatever its size (SqueezeLLM's sensitive values, Kim et al.,
 * arXiv:2306.07629, section 4.2). Known of the weight in its own basis only.
 */
public record Sensitivity() implements Score {
  private static final FisherDiagonal FISHER = new FisherDiagonal();

  @Override
  public float[] of(State state, Knowledge knowledge) {
    FISHER.checkBasis(state);
    Matrix fisher = knowledge.fisher().diagonal();
    return EntryScores.of(state, (w, i, j) -> fisher.at(i, j));
  }

  @Override
  public void plan(Outline before) {
    FISHER.plan(before);
  }

  @Override
  public Set<Need> needs() {
    return Set.of(Need.FISHER);
  }

  @Override
  public Map<String, Object> canonical() {
    return Map.of("score", "sensitivity");
  }
}
