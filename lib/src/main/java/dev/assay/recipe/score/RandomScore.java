package dev.assay.recipe.score;

import dev.assay.config.Settings;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.State;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A uniform random number per entry. The numbers depend on the seed and the weight but not on the
 * budget, so selections nest: what is protected at k is protected at every larger k.
 *
 * @param replicate tells several random selections apart
 */
public record RandomScore(int replicate) implements Score {
  static RandomScore read(Settings settings) {
    return new RandomScore(settings.integer("replicate", 0, 0, Integer.MAX_VALUE));
  }

  @Override
  public float[] of(State state, Knowledge knowledge) {
    SplittableRandom random = new SplittableRandom(knowledge.seed("random-score/" + replicate));
    float[] scores = new float[state.rest().size()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = (random.nextLong() >>> 40) * 0x1p-24f;
    }
    return scores;
  }

  @Override
  public boolean seeded() {
    return true;
  }

  @Override
  public Map<String, Object> canonical() {
    return Map.of("score", "random", "replicate", replicate);
  }
}
