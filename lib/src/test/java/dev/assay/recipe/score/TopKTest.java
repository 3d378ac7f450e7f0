package dev.assay.recipe.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopKTest {
  /** By a stable sort of the indices: largest first, the lower index of equal ones. */
  private static BitSet sorted(float[] scores, int count) {
    BitSet chosen = new BitSet();
    IntStream.range(0, scores.length)
        .boxed()
        .sorted(Comparator.comparing((Integer i) -> -scores[i] + 0.0f))
        .limit(count)
        .forEach(chosen::set);
    return chosen;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void isThePrefixOfASort(long seed) {
    Random random = new Random(seed);
    float[] scores = new float[1 + random.nextInt(3000)];
    for (int i = 0; i < scores.length; i++) {
      scores[i] =
          switch (random.nextInt(12)) {
            case 0 -> 0f;
            case 1 -> -0f;
            case 2 -> Float.POSITIVE_INFINITY;
            case 3 -> Float.MIN_VALUE * random.nextInt(3);
            case 4 -> random.nextInt(4);
            case 5 -> (float) -random.nextGaussian();
            default -> (float) Math.exp(10 * random.nextGaussian());
          };
    }
    int any = random.nextInt(scores.length + 1);
    for (int count : new int[] {0, 1, any, scores.length - 1, scores.length}) {
      assertThat(TopK.indices(scores, count))
          .as("%s of %s", count, scores.length)
          .isEqualTo(sorted(scores, count));
    }
  }
}
