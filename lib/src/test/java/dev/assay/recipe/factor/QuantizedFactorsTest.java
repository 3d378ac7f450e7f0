package dev.assay.recipe.factor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.linalg.Blas;
import dev.assay.linalg.Symmetric;
import dev.assay.part.CompressedMatrix;
import dev.assay.part.LowRank;
import dev.assay.recipe.Calibrated;
import dev.assay.recipe.Recipes;
import dev.assay.recipe.TestKnowledge;
import dev.assay.stats.InputStatistics;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import org.junit.jupiter.api.Test;

/** Low-rank factors that are themselves rounded with compensation. */
class QuantizedFactorsTest {
  private static final Matrix WEIGHT = Calibrated.weight(48, 40, 1);
  private static final Matrix X = Calibrated.inputs(400, 40, 2);
  private static final InputStatistics STATISTICS = Calibrated.statistics(X);

  private static LowRank factors(String entry) {
    CompressedMatrix compressed =
        Recipes.one(entry).compress(WEIGHT, DType.F32, TestKnowledge.of(WEIGHT, STATISTICS));
    return (LowRank) compressed.parts().get(0);
  }

  @Test
  void eachFactorIsGptqOfWhatReallyEntersIt() {
    LowRank exact = factors("{method = svd-llm, rank = 24}");
    LowRank rounded = factors("{method = svd-llm-gptq, rank = 24, granularity = row}");
    String gptq = "{method = gptq, scale-type = f16}";
    Matrix right = exact.right().decode();
    Matrix rightRounded =
        Recipes.one(gptq).compress(right, DType.F32, TestKnowledge.of(right, STATISTICS)).decode();
    assertThat(rounded.right().decode()).isEqualTo(rightRounded);
    // What enters L: the tokens through the rounded R.
    Matrix entering = Blas.multiplyTransposed(X, rightRounded);
    Matrix left = exact.left().decode();
    Matrix leftRounded = rounded.left().decode();
    Matrix alone =
        Recipes.one(gptq)
            .compress(left, DType.F32, TestKnowledge.of(left, Calibrated.statistics(entering)))
            .decode();
    int differing = 0;
    for (int i = 0; i < alone.size(); i++) {
      differing += alone.data()[i] == leftRounded.data()[i] ? 0 : 1;
    }
    // H of the products is rounded differently from R̂·H·R̂ᵀ: a code may sit on the edge.
    assertThat(differing).isLessThan(alone.size() / 100);
  }

  @Test
  void compensationPaysOnTheOutputs() {
    Symmetric h = STATISTICS.hessian();
    double compensated =
        Calibrated.outputError(
            WEIGHT,
            Calibrated.effective(
                "{method = svd-llm-gptq, rank = 24, bits = 3, granularity = row}",
                WEIGHT,
                STATISTICS),
            h);
    String nearest =
        "{stages = [{stage = quantize, bits = 3, grid = gptq-asym, granularity = row,"
            + " scale-type = f16}]}";
    double plain =
        Calibrated.outputError(
            WEIGHT,
            Calibrated.effective(
                "{name = plain, stages = [{stage = factor, rank = 24, metric = whitening,"
                    + " left "
                    + nearest
                    + ", right "
                    + nearest
                    + "}]}",
                WEIGHT,
                STATISTICS),
            h);
    assertThat(compensated).isLessThan(plain);
  }
}
