package dev.assay.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.stats.InputStatistics;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A row of zeros leaves residuals and factors of rounding errors, which no 16-bit scale holds. */
class ZeroRowTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"svd-residual, rank = 8", "svd-llm-gptq, rank = 8", "gptq", "spqr", "awq"})
  void itStaysZero(String method) {
    Matrix weight = Inputs.weight(24, 64, 3);
    for (int col = 0; col < 64; col++) {
      weight.data()[5 * 64 + col] = 0;
    }
    InputStatistics statistics = Calibrated.statistics(Inputs.weight(200, 64, 4));
    Matrix effective =
        Recipes.one("{method = " + method + "}")
            .compress(weight, DType.F32, TestKnowledge.of(weight, statistics))
            .decode();
    for (int col = 0; col < 64; col++) {
      assertThat(effective.at(5, col)).isBetween(-1e-5f, 1e-5f);
    }
    assertThat(Recipes.squaredDistance(effective, weight)).isLessThan(weight.squaredNorm());
  }
}
