package dev.assay.recipe.score;

import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Need;
import dev.assay.recipe.State;
import java.util.Map;
import java.util.Set;

/**
 * w²·Hⱼⱼ: how much the output suffers from losing the entry when nothing compensates. It orders
 * entries as {@link Wanda} does.
 */
public record HessianDiagonal() implements Score {
  @Override
  public float[] of(State state, Knowledge knowledge) {
    double[] diagonal = state.statistics(knowledge).hessian().diagonal();
    return EntryScores.of(state, (w, i, j) -> w * w * diagonal[j]);
  }

  @Override
  public Set<Need> needs() {
    return Set.of(Need.STATISTICS);
  }

  @Override
  public Map<String, Object> canonical() {
    return Map.of("score", "hessian-diagonal");
  }
}
