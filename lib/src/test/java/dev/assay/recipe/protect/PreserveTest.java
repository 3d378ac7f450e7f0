package dev.assay.recipe.protect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.RealWeights;
import dev.assay.part.CompressedMatrix;
import dev.assay.part.Overlay;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Recipe;
import dev.assay.recipe.Recipes;
import dev.assay.recipe.State;
import dev.assay.recipe.TestKnowledge;
import dev.assay.recipe.UnfitException;
import dev.assay.recipe.score.Magnitude;
import dev.assay.recipe.score.Principal;
import dev.assay.recipe.score.RandomScore;
import dev.assay.recipe.score.TopK;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreserveTest {
  private static final String PLAIN =
      "{method = rtn, grid = narrow-sym, granularity = tensor, clip = \"sigma(2.5)\"}";

  @ParameterizedTest
  @ValueSource(strings = {"svd-preserve", "magnitude-preserve", "random-preserve"})
  void budgetZeroIsThePlainQuantizer(String method) {
    Recipe recipe = Recipes.one("{method = " + method + ", keep = 0}");
    assertThat(recipe).isEqualTo(Recipes.one(PLAIN));
    assertThat(recipe.canonical()).isEqualTo(Recipes.one(PLAIN).canonical());
    Recipe percent = Recipes.one("{method = " + method + ", keep = \"0%\"}");
    assertThat(percent).isEqualTo(recipe);
  }

  @ParameterizedTest
  @ValueSource(strings = {"svd-preserve", "magnitude-preserve", "random-preserve"})
  void keepingEverythingIsExact(String method) {
    Matrix weight = RealWeights.square();
    String all = "{method = " + method + ", keep = " + weight.size() + "}";
    assertThat(Recipes.effective(all, weight)).isEqualTo(weight);
    assertThat(Recipes.effective("{method = " + method + ", keep = \"100%\"}", weight))
        .isEqualTo(weight);
  }

  @Test
  void fullRankPrincipalScoreIsTheMagnitude() {
    for (Matrix weight : new Matrix[] {RealWeights.square(), RealWeights.wide()}) {
      int full = Math.min(weight.rows(), weight.cols());
      State state = State.of(weight, DType.F32);
      Knowledge knowledge = new TestKnowledge(weight);
      float[] principal = new Principal(full).of(state, knowledge);
      float[] magnitude = new Magnitude().of(state, knowledge);
      for (int i = 0; i < principal.length; i++) {
        assertThat(principal[i]).isCloseTo(magnitude[i], within(2e-6f));
      }
      BitSet selected = TopK.indices(principal, 1024);
      selected.and(TopK.indices(magnitude, 1024));
      assertThat(selected.cardinality()).isGreaterThanOrEqualTo(1022);
    }
  }

  @Test
  void rankOneScoreIsSeparable() {
    Matrix weight = RealWeights.square();
    float[] score = new Principal(1).of(State.of(weight, DType.F32), new TestKnowledge(weight));
    int n = weight.cols();
    for (int i = 1; i < 50; i++) {
      for (int j = 1; j < 50; j++) {
        double cross = (double) score[i * n + j] * score[0];
        assertThat(cross).isCloseTo((double) score[i * n] * score[j], within(1e-6));
      }
    }
  }

  @Test
  void errorFallsAsTheBudgetGrowsWhenTheScaleIsFixed() {
    // With absmax per tensor the scale stays while the largest entry is not protected.
    Matrix weight = RealWeights.square();
    String recipe = "{method = random-preserve, clip = absmax, keep = ";
    double last = Double.POSITIVE_INFINITY;
    for (int keep : new int[] {0, 16, 256, 4096, 40000}) {
      double error =
          Recipes.squaredDistance(Recipes.effective(recipe + keep + "}", weight), weight);
      assertThat(error).isLessThanOrEqualTo(last);
      last = error;
    }
  }

  @Test
  void randomSelectionsNestAndReplicatesDiffer() {
    Matrix weight = RealWeights.square();
    State state = State.of(weight, DType.F32);
    Knowledge knowledge = new TestKnowledge(weight);
    float[] scores = new RandomScore(0).of(state, knowledge);
    BitSet small = TopK.indices(scores, 100);
    BitSet large = TopK.indices(scores, 1000);
    large.and(small);
    assertThat(large).isEqualTo(small);
    BitSet other = TopK.indices(new RandomScore(1).of(state, knowledge), 100);
    other.and(small);
    assertThat(other.cardinality()).isLessThan(20);
  }

  @Test
  void tiesGoToTheLowestIndex() {
    assertThat(TopK.indices(new float[] {1, 3, 1, 3, 1}, 3).stream().toArray())
        .containsExactly(0, 1, 3);
    assertThat(TopK.indices(new float[] {2, 2, 2}, 2).stream().toArray()).containsExactly(0, 1);
  }

  @Test
  void protectedEntriesAreTheWeightsOwn() {
    Matrix weight = RealWeights.wide();
    CompressedMatrix compressed =
        Recipes.compress("{method = magnitude-preserve, keep = 64, bits = 2}", weight);
    Matrix effective = compressed.decode();
    BitSet kept =
        TopK.indices(
            new Magnitude().of(State.of(weight, DType.F32), new TestKnowledge(weight)), 64);
    kept.stream().forEach(i -> assertThat(effective.data()[i]).isEqualTo(weight.data()[i]));
    assertThat(((Overlay) compressed.parts().get(1)).count()).isEqualTo(64);
  }

  @Test
  void aBudgetLargerThanTheMatrixDoesNotFit() {
    Matrix weight = Matrix.zeros(2, 3);
    assertThatThrownBy(() -> Recipes.effective("{method = magnitude-preserve, keep = 7}", weight))
        .isInstanceOf(UnfitException.class)
        .hasMessageContaining("keep = 7 is more than the 6 entries");
  }
}
