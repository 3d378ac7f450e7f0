package dev.assay.recipe.score;

import dev.assay.recipe.Knowledge;
import dev.assay.recipe.State;
import java.util.Map;

/** |w|. */
public record Magnitude() implements Score {
  @Override
  public float[] of(State state, Knowledge knowledge) {
    float[] scores = state.rest().data().clone();
    EntryScores.absolute(scores);
    return scores;
  }

  @Override
  public Map<String, Object> canonical() {
    return Map.of("score", "magnitude");
  }
}
