package dev.assay.recipe.score;

import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Need;
import dev.assay.recipe.State;
import java.util.Map;
import java.util.Set;

/** |w|·mean|xⱼ|: AWQ's saliency (Lin et al., arXiv 2306.00978) of single entries. */
public record AwqEntry() implements Score {
  @Override
  public float[] of(State state, Knowledge knowledge) {
    double[] mean = state.statistics(knowledge).meanAbs();
    return EntryScores.of(state, (w, i, j) -> Math.abs(w) * mean[j]);
  }

  @Override
  public Set<Need> needs() {
    return Set.of(Need.STATISTICS);
  }

  @Override
  public Map<String, Object> canonical() {
    return Map.of("score", "awq");
  }
}
