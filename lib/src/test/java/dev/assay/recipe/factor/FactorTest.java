package dev.assay.recipe.factor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.RealWeights;
import dev.assay.linalg.Factors;
import dev.assay.part.CompressedMatrix;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Recipes;
import dev.assay.recipe.TestKnowledge;
import dev.assay.recipe.UnfitException;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import org.junit.jupiter.api.Test;

class FactorTest {
  @Test
  void everyRankLeavesExactlyTheDroppedEnergy() {
    for (Matrix weight : new Matrix[] {RealWeights.square(), RealWeights.tall()}) {
      Knowledge knowledge = new TestKnowledge(weight);
      Factors factors = knowledge.factors(1);
      int full = Math.min(weight.rows(), weight.cols());
      double dropped = 0;
      for (int rank = full; rank >= 1; rank--) {
        // Every rank of the factors is taken in RealMatricesTest; this is the recipe's way there.
        if (rank % 7 == 0 || rank == full || rank < 4) {
          Matrix effective =
              Recipes.one("{method = svd, rank = " + rank + "}")
                  .compress(weight, DType.F32, knowledge)
                  .decode();
          assertThat(Recipes.squaredDistance(effective, weight))
              .as("rank %d", rank)
              .isCloseTo(dropped, within(1e-5 * dropped + 1e-9 * weight.squaredNorm()));
        }
        dropped += factors.sigma()[rank - 1] * factors.sigma()[rank - 1];
      }
    }
  }

  @Test
  void ratioIsOfTheParameters() {
    Matrix weight = RealWeights.wide();
    CompressedMatrix half = Recipes.compress("{method = svd, rank = \"ratio(0.5)\"}", weight);
    int rank = (int) (0.5 * weight.size() / (weight.rows() + weight.cols()));
    assertThat(half.bytes()).isEqualTo(4L * rank * (weight.rows() + weight.cols()));
    assertThat(half.effectiveBits()).isCloseTo(16, within(0.1));
  }

  @Test
  void aQuantizedResidualBeatsQuantizingAloneAndTheLowRankPartAlone() {
    Matrix weight = RealWeights.tall();
    double both = error("{method = svd-residual, rank = 32, bits = 4}", weight);
    double quantized =
        error("{method = rtn, bits = 4, granularity = \"group(64)\", scale-type = f16}", weight);
    double lowRank = error("{method = svd, rank = 32}", weight);
    assertThat(both).isLessThan(quantized).isLessThan(lowRank);
  }

  @Test
  void nestedRecipesCompressTheFactors() {
    Matrix weight = RealWeights.square();
    String stages =
        "{name = quantized-factors, stages = [{stage = factor, rank = 64,"
            + " left {stages = [{stage = quantize, bits = 8, grid = gptq-asym, granularity = row}]},"
            + " right {stages = [{stage = quantize, bits = 8, grid = gptq-asym, granularity = row}]}"
            + "}]}";
    CompressedMatrix quantized = Recipes.compress(stages, weight);
    CompressedMatrix kept = Recipes.compress("{method = svd, rank = 64}", weight);
    assertThat(quantized.bytes()).isLessThan(kept.bytes() / 3);
    assertThat(Recipes.squaredDistance(quantized.decode(), kept.decode()))
        .isLessThan(1e-3 * weight.squaredNorm());
  }

  @Test
  void aRankAboveTheSmallerSideDoesNotFit() {
    assertThatThrownBy(() -> Recipes.effective("{method = svd, rank = 4}", Matrix.zeros(3, 9)))
        .isInstanceOf(UnfitException.class)
        .hasMessageContaining("must be between 1 and 3");
    assertThatThrownBy(
            () -> Recipes.effective("{method = svd, rank = \"ratio(0.1)\"}", Matrix.zeros(3, 9)))
        .isInstanceOf(UnfitException.class)
        .hasMessageContaining("asks for rank 0");
  }

  private static double error(String entry, Matrix weight) {
    return Recipes.squaredDistance(Recipes.effective(entry, weight), weight);
  }
}
