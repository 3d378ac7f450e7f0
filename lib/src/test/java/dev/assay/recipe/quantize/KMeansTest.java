package dev.assay.recipe.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.InputException;
import dev.assay.RealWeights;
import dev.assay.linalg.Symmetric;
import dev.assay.part.Codes;
import dev.assay.part.CompressedMatrix;
import dev.assay.recipe.Calibrated;
import dev.assay.recipe.Need;
import dev.assay.recipe.Recipe;
import dev.assay.recipe.Recipes;
import dev.assay.recipe.TestKnowledge;
import dev.assay.stats.Fisher;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KMeansTest {
  private final SplittableRandom random = new SplittableRandom(3);

  private float[] entries(int count) {
    float[] entries = new float[count];
    for (int i = 0; i < count; i++) {
      entries[i] = (float) random.nextGaussian();
    }
    return entries;
  }

  private float[] weights(int count) {
    float[] weights = new float[count];
    for (int i = 0; i < count; i++) {
      weights[i] = i % 7 == 0 ? 0 : (float) Math.exp(2 * random.nextGaussian());
    }
    return weights;
  }

  /** The least cost by trying every partition of the sorted points into intervals. */
  private static double leastCost(double[] x, double[] g, int from, int clusters) {
    if (from == x.length) {
      return 0;
    }
    if (clusters == 0) {
      return Double.POSITIVE_INFINITY;
    }
    double least = Double.POSITIVE_INFINITY;
    for (int to = from + 1; to <= x.length; to++) {
      least = Math.min(least, cost(x, g, from, to) + leastCost(x, g, to, clusters - 1));
    }
    return least;
  }

  private static double cost(double[] x, double[] g, int from, int to) {
    double weight = 0;
    double sum = 0;
    for (int i = from; i < to; i++) {
      weight += g[i];
      sum += g[i] * x[i];
    }
    double cost = 0;
    for (int i = from; i < to; i++) {
      cost += weight == 0 ? 0 : g[i] * (x[i] - sum / weight) * (x[i] - sum / weight);
    }
    return cost;
  }

  private static double cost(float[] x, float[] g, double[] centres) {
    double cost = 0;
    for (int i = 0; i < x.length; i++) {
      double w = x[i];
      cost += g[i] * Arrays.stream(centres).map(c -> (w - c) * (w - c)).min().orElseThrow();
    }
    return cost;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void noPartitionCostsLess(int clusters) {
    for (int trial = 0; trial < 20; trial++) {
      float[] x = entries(13);
      float[] g = weights(13);
      Integer[] order = new Integer[13];
      Arrays.setAll(order, i -> i);
      Arrays.sort(order, (a, b) -> Float.compare(x[a], x[b]));
      double[] sorted = Arrays.stream(order).mapToDouble(i -> x[i]).toArray();
      double[] sortedWeights = Arrays.stream(order).mapToDouble(i -> g[i]).toArray();
      Clusters found = Clusters.of(Granule.of(x, g, 13), clusters);
      double least = leastCost(sorted, sortedWeights, 0, clusters);
      assertThat(found.cost()).isCloseTo(least, within(1e-12 + 1e-9 * least));
      assertThat(cost(x, g, found.centres())).isCloseTo(least, within(1e-12 + 1e-9 * least));
      assertThat(found.centres()).hasSize(clusters).isSorted();
    }
  }

  @Test
  void iteratingFromTheOptimumOrFromAnywhereFindsNothingBetter() {
    float[] x = entries(500);
    float[] g = weights(500);
    double optimum = Clusters.of(Granule.of(x, g, 500), 8).cost();
    for (int start = 0; start < 10; start++) {
      double[] centres = new double[8];
      for (int k = 0; k < 8; k++) {
        centres[k] = x[random.nextInt(500)];
      }
      double before = cost(x, g, centres);
      for (int round = 0; round < 100; round++) {
        centres = lloyd(x, g, centres);
        double after = cost(x, g, centres);
        assertThat(after).isLessThanOrEqualTo(before * (1 + 1e-12));
        before = after;
      }
      assertThat(optimum).isLessThanOrEqualTo(before * (1 + 1e-12));
    }
  }

  private static double[] lloyd(float[] x, float[] g, double[] centres) {
    double[] sums = new double[centres.length];
    double[] weights = new double[centres.length];
    for (int i = 0; i < x.length; i++) {
      int nearest = 0;
      for (int k = 1; k < centres.length; k++) {
        nearest = Math.abs(x[i] - centres[k]) < Math.abs(x[i] - centres[nearest]) ? k : nearest;
      }
      sums[nearest] += g[i] * (double) x[i];
      weights[nearest] += g[i];
    }
    double[] moved = centres.clone();
    for (int k = 0; k < centres.length; k++) {
      moved[k] = weights[k] > 0 ? sums[k] / weights[k] : centres[k];
    }
    return moved;
  }

  @Test
  void asManyLevelsAsValuesLoseNothing() {
    float[] few = {0.5f, -1, 0.25f, 0.5f, -1, 3};
    Matrix weight = Matrix.of(1, 6, few);
    assertThat(Recipes.effective("{method = kmeans, bits = 2}", weight)).isEqualTo(weight);
    Matrix zeros = Matrix.zeros(2, 5);
    assertThat(Recipes.effective("{method = kmeans, bits = 3}", zeros)).isEqualTo(zeros);
  }

  @Test
  void equalWeightsAreNoWeightsAndAllZeroOnesAreEqual() {
    float[] x = entries(200);
    float[] ones = new float[200];
    Arrays.fill(ones, 0.37f);
    double[] plain = Clusters.of(Granule.of(x, 200), 8).centres();
    assertThat(Clusters.of(Granule.of(x, new float[200], 200), 8).centres()).isEqualTo(plain);
    double[] equal = Clusters.of(Granule.of(x, ones, 200), 8).centres();
    for (int k = 0; k < plain.length; k++) {
      assertThat(equal[k]).isCloseTo(plain[k], within(1e-12));
    }
  }

  @Test
  void everyEntryHasTheNearestOfItsRowsLevelsAndTheirBytesAreCounted() {
    Matrix weight = RealWeights.square();
    CompressedMatrix compressed = Recipes.compress("{method = kmeans, bits = 3}", weight);
    Codes codes = (Codes) compressed.parts().get(0);
    Matrix effective = compressed.decode();
    for (int row = 0; row < weight.rows(); row++) {
      for (int col = 0; col < weight.cols(); col++) {
        double error = Math.abs((double) weight.at(row, col) - effective.at(row, col));
        for (int code = 0; code < 8; code++) {
          float level = codes.levels().granule(row).at(code, 0);
          assertThat(DType.F16.round(level)).isEqualTo(level);
          assertThat(error).isLessThanOrEqualTo(Math.abs((double) weight.at(row, col) - level));
        }
      }
    }
    assertThat(compressed.bytes()).isEqualTo(weight.size() * 3L / 8 + weight.rows() * 8L * 2);
  }

  @Test
  void oneMoreBitAndSmallerGroupsNeverCostMore() {
    Matrix weight = RealWeights.square();
    double last = Double.POSITIVE_INFINITY;
    for (int bits = 1; bits <= 6; bits++) {
      String row = "{method = kmeans, level-type = f32, bits = " + bits;
      double rows = Recipes.squaredDistance(Recipes.effective(row + "}", weight), weight);
      double groups =
          Recipes.squaredDistance(
              Recipes.effective(row + ", granularity = \"group(48)\"}", weight), weight);
      assertThat(rows).isLessThan(last);
      assertThat(groups).isLessThanOrEqualTo(rows);
      last = rows;
    }
    double uniform =
        Recipes.squaredDistance(
            Recipes.effective("{method = rtn, bits = 4, clip = mse}", weight), weight);
    double table = Recipes.squaredDistance(Recipes.effective("{method = kmeans}", weight), weight);
    assertThat(table).isLessThan(uniform);
  }

  private static Fisher fisher(Matrix diagonal) {
    return new Fisher(
        1, diagonal, Symmetric.of(1, new double[] {1}), Symmetric.of(1, new double[] {1}));
  }

  @Test
  void whatIsKeptIsExactAndTakesNoPartInTheLevels() {
    Matrix weight = RealWeights.square();
    Matrix squares = Matrix.zeros(weight.rows(), weight.cols());
    for (int i = 0; i < squares.size(); i++) {
      squares.data()[i] = (float) Math.exp(random.nextGaussian());
    }
    TestKnowledge knowledge = new TestKnowledge(weight).with(fisher(squares));
    Recipe recipe = Recipes.one("{method = squeezellm, bits = 3, value-type = source}");
    assertThat(recipe.needs()).contains(Need.FISHER);
    Matrix sparse = recipe.compress(weight, DType.F32, knowledge).decode();
    Matrix dense =
        Recipes.one("{method = squeezellm, bits = 3, sensitive = 0, range = none}")
            .compress(weight, DType.F32, knowledge)
            .decode();
    int exact = 0;
    for (int i = 0; i < weight.size(); i++) {
      exact += sparse.data()[i] == weight.data()[i] ? 1 : 0;
    }
    assertThat(exact).isGreaterThan((int) (0.0005 * weight.size()));
    assertThat(weighted(sparse, weight, squares)).isLessThan(weighted(dense, weight, squares));
    TreeSet<Float> levels = new TreeSet<>();
    for (int col = 0; col < weight.cols(); col++) {
      levels.add(dense.at(0, col));
    }
    assertThat(levels).hasSizeLessThanOrEqualTo(8);
  }

  private static double weighted(Matrix a, Matrix b, Matrix g) {
    double sum = 0;
    for (int i = 0; i < a.size(); i++) {
      double difference = (double) a.data()[i] - b.data()[i];
      sum += g.data()[i] * difference * difference;
    }
    return sum;
  }

  @Test
  void whatCannotBeIsRefused() {
    assertThatThrownBy(() -> Recipes.one("{method = kmeans, granularity = tensor}"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("granularity = row");
    String quantize =
        "{stage = quantize, levels = k-means, bits = 3, granularity = row, weights = fisher}";
    assertThatThrownBy(
            () -> Recipes.one("{name = x, stages = [{stage = rotate}," + quantize + "]}"))
        .hasMessageContaining("weight's own basis");
    assertThatThrownBy(
            () ->
                Recipes.one(
                    "{name = x, stages = [{stage = factor, rank = 2, left {stages = ["
                        + quantize
                        + "]}}]}"))
        .hasMessageContaining("low-rank factor");
    assertThatThrownBy(
            () ->
                Recipes.one(
                    "{name = x, stages = [{stage = awq, quantizer {levels = k-means, bits = 3,"
                        + " granularity = row, weights = fisher}}, {stage = keep}]}"))
        .hasMessageContaining("nothing else is known");
    assertThatThrownBy(
            () -> Recipes.one("{name = x, stages = [{stage = quantize, levels = kmean}]}"))
        .hasMessageContaining("k-means");
  }

  @Test
  void codebooksGoThroughTheColumnLoop() {
    Matrix weight = RealWeights.square();
    Recipe recipe =
        Recipes.one(
            "{name = x, stages = [{stage = solve, quantize {levels = k-means, bits = 3,"
                + " granularity = row}}]}");
    Matrix x = Matrix.zeros(900, weight.cols());
    for (int i = 0; i < x.size(); i++) {
      x.data()[i] = (float) (random.nextGaussian() + Math.sin(i / 7.0));
    }
    TestKnowledge knowledge = TestKnowledge.of(weight, Calibrated.statistics(x));
    Matrix solved = recipe.compress(weight, DType.F32, knowledge).decode();
    Matrix nearest = Recipes.effective("{method = kmeans, bits = 3}", weight);
    assertThat(outputError(solved, weight, x)).isLessThan(outputError(nearest, weight, x));
  }

  private static double outputError(Matrix a, Matrix b, Matrix x) {
    double sum = 0;
    for (int token = 0; token < x.rows(); token += 9) {
      for (int row = 0; row < a.rows(); row++) {
        double y = 0;
        for (int col = 0; col < a.cols(); col++) {
          y += ((double) a.at(row, col) - b.at(row, col)) * x.at(token, col);
        }
        sum += y * y;
      }
    }
    return sum;
  }
}
