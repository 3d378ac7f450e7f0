package dev.assay.recipe.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.RealWeights;
import dev.assay.part.Codes;
import dev.assay.part.CompressedMatrix;
import dev.assay.part.UniformLevels;
import dev.assay.recipe.Inputs;
import dev.assay.recipe.Recipes;
import dev.assay.recipe.UnfitException;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantizeTest {
  /** The grids of card 0.2, once more and naively, in double. */
  private static double[] naiveScaleAndZero(Uniform grid, double lo, double hi, int bits) {
    double levels = Math.pow(2, bits) - 1;
    switch (grid) {
      case GPTQ_ASYM:
        {
          double low = Math.min(0, lo);
          double high = Math.max(0, hi);
          double scale = (high - low) / levels;
          return new double[] {scale, Math.rint(-low / scale), levels};
        }
      case GPTQ_SYM:
        {
          double bound = Math.max(-lo, hi);
          return new double[] {2 * bound / levels, Math.pow(2, bits - 1), levels};
        }
      case AWQ_ASYM:
        {
          double scale = Math.max(hi - lo, 1e-5) / levels;
          double zero = Math.max(0, Math.min(levels, -Math.rint(lo / scale)));
          return new double[] {scale, zero, levels};
        }
      case NARROW_SYM:
        {
          double half = Math.pow(2, bits - 1) - 1;
          return new double[] {Math.max(-lo, hi) / half, half, 2 * half};
        }
    }
    throw new AssertionError(grid);
  }

  @ParameterizedTest
  @CsvSource({
    "gptq-asym, tensor", "gptq-asym, row", "gptq-asym, group(128)", "gptq-asym, group(100)",
    "gptq-sym, tensor", "gptq-sym, row", "gptq-sym, group(128)", "gptq-sym, group(100)",
    "awq-asym, tensor", "awq-asym, row", "awq-asym, group(128)", "awq-asym, group(100)",
    "narrow-sym, tensor", "narrow-sym, row", "narrow-sym, group(128)", "narrow-sym, group(100)",
  })
  void agreesWithANaiveQuantizerInDouble(String gridName, String granularity) {
    Matrix weight = RealWeights.square();
    Uniform grid = Uniform.valueOf(gridName.toUpperCase(Locale.ROOT).replace('-', '_'));
    for (int bits = 2; bits <= 8; bits++) {
      Matrix effective =
          Recipes.effective(
              "{method = rtn, bits = "
                  + bits
                  + ", grid = "
                  + gridName
                  + ", granularity = \""
                  + granularity
                  + "\"}",
              weight);
      int span =
          switch (granularity) {
            case "tensor" -> weight.size();
            case "row" -> weight.cols();
            case "group(128)" -> 128;
            default -> 100;
          };
      int differing = 0;
      for (int from = 0; from < weight.size(); ) {
        int to =
            span >= weight.cols()
                ? from + span
                : Math.min(from + span, (from / weight.cols() + 1) * weight.cols());
        double lo = Double.POSITIVE_INFINITY;
        double hi = Double.NEGATIVE_INFINITY;
        for (int i = from; i < to; i++) {
          lo = Math.min(lo, weight.data()[i]);
          hi = Math.max(hi, weight.data()[i]);
        }
        double[] fit = naiveScaleAndZero(grid, lo, hi, bits);
        for (int i = from; i < to; i++) {
          double code =
              Math.max(0, Math.min(fit[2], Math.rint(weight.data()[i] / fit[0]) + fit[1]));
          double expected = fit[0] * (code - fit[1]);
          if (Math.abs(effective.data()[i] - expected) > 1e-6 * Math.abs(expected) + 1e-9) {
            differing++;
          }
        }
        from = to;
      }
      // Entries exactly between two codes may fall either way in float and in double; the symmetric
      // grid puts the largest entry of every granule there.
      int ties = grid == Uniform.GPTQ_SYM ? (weight.size() + span - 1) / span : 30;
      assertThat(differing)
          .as("%s %s %d bits", gridName, granularity, bits)
          .isLessThanOrEqualTo(ties);
    }
  }

  @ParameterizedTest
  @EnumSource(Uniform.class)
  void unclippedEntriesAreWithinHalfAStep(Uniform grid) {
    Matrix weight = RealWeights.wide();
    for (String clip : new String[] {"absmax", "sigma(2.5)"}) {
      CompressedMatrix compressed =
          Recipes.compress(
              "{method = rtn, bits = 3, granularity = row, grid = "
                  + grid.label()
                  + zeros(grid)
                  + ", clip = \""
                  + clip
                  + "\"}",
              weight);
      Codes codes = (Codes) compressed.parts().get(0);
      Matrix effective = compressed.decode();
      int top = grid.top(3);
      for (int i = 0; i < weight.size(); i++) {
        float scale = ((UniformLevels) codes.levels()).scale(i / weight.cols());
        boolean atEnd = codes.code(i) == 0 || codes.code(i) == top;
        double error = Math.abs((double) weight.data()[i] - effective.data()[i]);
        if (!atEnd) {
          assertThat(error).isLessThanOrEqualTo(0.5001 * scale);
        }
      }
    }
  }

  @Test
  void awqGridCannotRepresentAGranuleFarFromZero() {
    Matrix weight = Matrix.of(1, 2, new float[] {1.0f, 1.1f});
    String entry = "{method = rtn, bits = 4, granularity = row, grid = ";
    assertThat(Recipes.effective(entry + "awq-asym}", weight).data()[0])
        .isCloseTo(0.1f, within(1e-6f));
    assertThat(Recipes.effective(entry + "gptq-asym}", weight).data()[0])
        .isCloseTo(1.0f, within(0.04f));
  }

  @ParameterizedTest
  @EnumSource(Uniform.class)
  void aZeroMatrixStaysZero(Uniform grid) {
    Matrix weight = Matrix.zeros(3, 5);
    Matrix effective =
        Recipes.effective(
            "{method = rtn, bits = 2, grid = " + grid.label() + zeros(grid) + "}", weight);
    assertThat(effective).isEqualTo(weight);
  }

  /** Real zero points do not fit into codes. */
  private static String zeros(Uniform grid) {
    return grid.realZero() ? ", zero-type = f32" : "";
  }

  @Test
  void theMinMaxGridMeetsBothEndsAndEqualEntries() {
    Matrix weight = Matrix.of(4, 2, new float[] {1.0f, 1.1f, -3f, -3f, 0.25f, 0.25f, 0f, 0f});
    Matrix effective =
        Recipes.effective(
            "{method = rtn, bits = 2, grid = min-max, granularity = row, zero-type = f32}", weight);
    for (int i = 0; i < weight.size(); i++) {
      assertThat(effective.data()[i]).isCloseTo(weight.data()[i], within(1e-6f));
    }
  }

  @Test
  void quantizedScalesAreWithinHalfAStepOfTheirOwn() {
    // Scales of 5 rows share a second level, the last two rows have one of their own.
    Matrix weight = Inputs.weight(12, 21, 3);
    String quantize =
        "{name = x, stages = [{stage = quantize, bits = 4, grid = min-max,"
            + " granularity = \"group(8)\"";
    Codes plain = (Codes) Recipes.compress(quantize + "}]}", weight).parts().get(0);
    Codes coarse =
        (Codes)
            Recipes.compress(
                    quantize + ", scale-bits = 3, zero-bits = 4, second-level-rows = 5}]}", weight)
                .parts()
                .get(0);
    for (int from = 0; from < 12; from += 5) {
      for (int group = 0; group < 3; group++) {
        float lo = Float.POSITIVE_INFINITY;
        float hi = 0;
        for (int row = from; row < Math.min(12, from + 5); row++) {
          lo = Math.min(lo, ((UniformLevels) plain.levels()).scale(row * 3 + group));
          hi = Math.max(hi, ((UniformLevels) plain.levels()).scale(row * 3 + group));
        }
        for (int row = from; row < Math.min(12, from + 5); row++) {
          int granule = row * 3 + group;
          assertThat(((UniformLevels) coarse.levels()).scale(granule))
              .isCloseTo(
                  ((UniformLevels) plain.levels()).scale(granule), within((hi - lo) / 7 * 0.5001f));
          assertThat(((UniformLevels) coarse.levels()).zero(granule)).isNotNaN();
        }
      }
    }
    // 252 codes of 4 bits; 36 scales of 3 bits and zero points of 4; 9 shares of two f32 each.
    assertThat(coarse.bytes()).isEqualTo(126 + 14 + 18 + 2 * 9 * 8);
  }

  @Test
  void roundsHalfToEven() {
    // Scale 1 on the narrow grid: halves go to even codes, as torch.round does.
    Matrix weight = Matrix.of(1, 6, new float[] {7f, 0.5f, 1.5f, 2.5f, -0.5f, -2.5f});
    Matrix effective =
        Recipes.effective("{method = rtn, grid = narrow-sym, granularity = tensor}", weight);
    assertThat(effective.data()).containsExactly(7f, 0f, 2f, 2f, 0f, -2f);
  }

  @Test
  void scalesWithTheWeight() {
    Matrix weight = RealWeights.square();
    Matrix doubled = weight.copy();
    for (int i = 0; i < doubled.size(); i++) {
      doubled.data()[i] *= 4;
    }
    Matrix once = Recipes.effective("{method = rtn, bits = 3}", weight);
    Matrix twice = Recipes.effective("{method = rtn, bits = 3}", doubled);
    for (int i = 0; i < once.size(); i++) {
      assertThat(twice.data()[i]).isEqualTo(4 * once.data()[i]);
    }
  }

  @Test
  void aSymmetricGridIsOdd() {
    Matrix weight = RealWeights.square();
    Matrix negated = weight.copy();
    for (int i = 0; i < negated.size(); i++) {
      negated.data()[i] = -negated.data()[i];
    }
    String entry = "{method = rtn, grid = narrow-sym, granularity = \"group(64)\"}";
    Matrix positive = Recipes.effective(entry, weight);
    Matrix negative = Recipes.effective(entry, negated);
    for (int i = 0; i < positive.size(); i++) {
      assertThat(negative.data()[i]).isEqualTo(0f - positive.data()[i]);
    }
  }

  @Test
  void finerGranularityHasSmallerError() {
    Matrix weight = RealWeights.tall();
    double tensor = error("{method = rtn, granularity = tensor}", weight);
    double row = error("{method = rtn, granularity = row}", weight);
    double group = error("{method = rtn, granularity = \"group(32)\"}", weight);
    assertThat(row).isLessThan(tensor);
    assertThat(group).isLessThan(row);
  }

  @Test
  void moreBitsHaveSmallerErrorAndEightAreNearlyExact() {
    Matrix weight = RealWeights.square();
    double last = Double.POSITIVE_INFINITY;
    for (int bits = 2; bits <= 8; bits++) {
      double error = error("{method = rtn, bits = " + bits + "}", weight);
      assertThat(error).isLessThan(last);
      last = error;
    }
    assertThat(last).isLessThan(0.02);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tensor", "row", "group(64)"})
  void mseClipIsNeverWorseInItsOwnNorm(String granularity) {
    Matrix weight = RealWeights.square();
    String entry = "{method = rtn, bits = 3, granularity = \"" + granularity + "\", clip = ";
    Matrix plain = Recipes.effective(entry + "absmax}", weight);
    Matrix searched = Recipes.effective(entry + "mse}", weight);
    assertThat(norm24(weight, searched)).isLessThanOrEqualTo(norm24(weight, plain) * (1 + 1e-6));
  }

  @Test
  void halfPrecisionScalesAreWhatIsDecoded() {
    Matrix weight = RealWeights.square();
    String entry = "{method = rtn, granularity = \"group(64)\", scale-type = ";
    CompressedMatrix half = Recipes.compress(entry + "f16}", weight);
    Codes codes = (Codes) half.parts().get(0);
    for (int granule = 0; granule < codes.levels().granules(); granule++) {
      assertThat(DType.F16.round(((UniformLevels) codes.levels()).scale(granule)))
          .isEqualTo(((UniformLevels) codes.levels()).scale(granule));
    }
    assertThat(half.bytes()).isLessThan(Recipes.compress(entry + "f32}", weight).bytes());
    assertThat(Recipes.squaredDistance(half.decode(), weight))
        .isCloseTo(
            Recipes.squaredDistance(Recipes.effective(entry + "f32}", weight), weight),
            within(0.01 * weight.squaredNorm()));
  }

  @Test
  void whatUnderflowsItsStorageTypeIsZero() {
    Matrix tiny =
        Matrix.of(3, 4, new float[] {1e-16f, -1e-16f, 0, 3e-17f, 0, 0, 0, 0, 1, 2, -3, 0.5f});
    for (Uniform uniform : Uniform.values()) {
      String entry =
          "{method = rtn, bits = 8, scale-type = f16, grid = " + uniform.label() + zeros(uniform);
      Matrix effective = Recipes.effective(entry + "}", tiny);
      for (int i = 0; i < 8; i++) {
        // AWQ's scales are never below 1e-5 / 255.
        assertThat(Math.abs(effective.data()[i])).as("%s", uniform).isLessThanOrEqualTo(1e-5f);
      }
      assertThat(effective.at(2, 2)).isCloseTo(-3, within(0.05f));
    }
  }

  @Test
  void aScaleThatTheStorageTypeCannotHoldIsAnErrorWhereTheEntriesAreNotTiny() {
    Matrix narrow = Matrix.of(1, 2, new float[] {1f, Math.nextUp(1f)});
    assertThatThrownBy(
            () ->
                Recipes.effective(
                    "{method = rtn, bits = 8, grid = min-max, zero-type = f32, scale-type = f16}",
                    narrow))
        .isInstanceOf(UnfitException.class)
        .hasMessageContaining("scale-type = f32");
  }

  @Test
  void groupsThatDoNotDivideTheColumnsHaveAShorterLastGroup() {
    SplittableRandom random = new SplittableRandom(7);
    float[] data = new float[5 * 7];
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) random.nextDouble(-1, 1);
    }
    CompressedMatrix compressed =
        Recipes.compress("{method = rtn, granularity = \"group(3)\"}", Matrix.of(5, 7, data));
    assertThat(((Codes) compressed.parts().get(0)).levels().granules()).isEqualTo(5 * 3);
  }

  private static double error(String entry, Matrix weight) {
    return Math.sqrt(
        Recipes.squaredDistance(Recipes.effective(entry, weight), weight) / weight.squaredNorm());
  }

  private static double norm24(Matrix a, Matrix b) {
    double sum = 0;
    for (int i = 0; i < a.size(); i++) {
      sum += Math.pow(Math.abs(a.data()[i] - b.data()[i]), 2.4);
    }
    return sum;
  }
}
