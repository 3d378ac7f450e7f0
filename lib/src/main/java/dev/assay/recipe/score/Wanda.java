package dev.assay.recipe.score;

import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Need;
import dev.assay.recipe.State;
import java.util.Map;
import java.util.Set;

/** |w|·‖xⱼ‖₂ over the calibration tokens (Wanda; Sun et al., arXiv 2306.11695). */
public record Wanda() implements Score {
  @Override
  public float[] of(State state, Knowledge knowledge) {
    double[] norms = state.statistics(knowledge).norms();
    return EntryScores.of(state, (w, i, j) -> Math.abs(w) * norms[j]);
  }

  @Override
  public Set<Need> needs() {
    return Set.of(Need.STATISTICS);
  }

  @Override
  public Map<String, Object> canonical() {
    return Map.of("score", "wanda");
  }
}
