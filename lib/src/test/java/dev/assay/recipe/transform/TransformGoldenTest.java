package dev.assay.recipe.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.assay.SharedFiles;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.linalg.Blas;
import dev.assay.linalg.Symmetric;
import dev.assay.part.ChannelScale;
import dev.assay.part.Codes;
import dev.assay.part.CompressedMatrix;
import dev.assay.part.Rebased;
import dev.assay.part.UniformLevels;
import dev.assay.recipe.Calibrated;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Recipe;
import dev.assay.recipe.Recipes;
import dev.assay.recipe.State;
import dev.assay.recipe.TestKnowledge;
import dev.assay.stats.InputStatistics;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** AWQ and SmoothQuant against the outputs of their authors' code, where they are present. */
class TransformGoldenTest {
  private static Path goldens;
  private static Map<String, Matrix> weights;
  private static Matrix x;
  private static InputStatistics statistics;
  private static Knowledge knowledge;

  @BeforeAll
  static void open() throws IOException {
    goldens = SharedFiles.require("goldens");
    try (SafetensorsFile file =
            SafetensorsFile.open(goldens.resolve("inputs/weights.safetensors"));
        SafetensorsFile inputs =
            SafetensorsFile.open(goldens.resolve("inputs/x_attn.safetensors"))) {
      weights = new TreeMap<>();
      for (String name : List.of("k", "q", "v")) {
        weights.put(name, file.matrix(name + ".weight"));
      }
      x = inputs.matrix(inputs.entries().iterator().next().name());
    }
    statistics = Calibrated.statistics(x);
    // All that is asked of it is the same for the three.
    knowledge = TestKnowledge.of(weights.get("q"), statistics, List.copyOf(weights.values()));
  }

  private static JsonNode json(String name) throws IOException {
    return new ObjectMapper().readTree(goldens.resolve(name + ".json").toFile());
  }

  @Test
  void theHessianIsThatOfTheInputs() throws IOException {
    try (SafetensorsFile file =
        SafetensorsFile.open(goldens.resolve("inputs/hessian.safetensors"))) {
      double[] expected = file.doubles(file.entries().iterator().next().name());
      double[] actual = statistics.hessian().data();
      for (int i = 0; i < expected.length; i += 37) {
        assertThat(actual[i]).isCloseTo(expected[i], within(1e-9 * (1 + Math.abs(expected[i]))));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"q, true", "k, false"})
  void awqAgreesWithTheAuthors(String name, boolean stored) throws IOException {
    Matrix weight = weights.get(name);
    JsonNode expected = json("awq/" + name + "_w4_g128");
    Recipe recipe =
        Recipes.one("{method = awq, channel-type = f32, scale-type = f32, zero-type = u8}");
    CompressedMatrix compressed = recipe.compress(weight, DType.F32, knowledge);
    Awq.Search search =
        ((Awq) recipe.stages().get(0)).search(State.of(weight, DType.F32), knowledge);
    assertThat(search.best() / 20.0)
        .isEqualTo(expected.get("settings").get("best_ratio").asDouble());
    Rebased rebased = (Rebased) compressed.parts().get(0);
    Codes codes = (Codes) rebased.inner().parts().get(0);
    try (SafetensorsFile file =
        SafetensorsFile.open(goldens.resolve("awq/" + name + "_w4_g128.safetensors"))) {
      double[] history = file.doubles("loss_history");
      int close = 0;
      for (int i = 0; i < history.length; i++) {
        double difference = Math.abs(search.losses().get(i) / history[i] - 1);
        assertThat(difference).as("loss %d", i).isLessThan(5e-5);
        close += difference < 1e-6 ? 1 : 0;
      }
      // The authors' mean |x| is single precision: a scale that differs in its last bit may turn
      // one of 442,368 codes, as it does at one ratio.
      assertThat(close).isGreaterThanOrEqualTo(19);
      float[] scale = file.floats("awq_scale");
      float[] ours = ((ChannelScale) rebased.change()).scales();
      for (int j = 0; j < scale.length; j++) {
        assertThat(ours[j]).isCloseTo(scale[j], within(1e-6f * scale[j]));
      }
      byte[] reference = file.bytes("codes");
      float[] zeros = file.floats("zeros");
      int differing = 0;
      for (int i = 0; i < reference.length; i++) {
        boolean same =
            codes.code(i) == (reference[i] & 0xff)
                && ((UniformLevels) codes.levels()).zero(i / 128) == zeros[i / 128];
        differing += same ? 0 : 1;
      }
      assertThat(differing).as("codes that differ").isZero();
      if (stored) {
        Matrix effective = compressed.decode();
        Matrix what = file.matrix("What");
        assertThat(Math.sqrt(Recipes.squaredDistance(effective, what) / what.squaredNorm()))
            .isLessThan(1e-6);
      }
    }
    Matrix error = compressed.decode();
    for (int i = 0; i < error.size(); i++) {
      error.data()[i] -= weight.data()[i];
    }
    Symmetric hessian = statistics.hessian();
    assertThat(Math.sqrt(error.squaredNorm() / weight.squaredNorm()))
        .isCloseTo(expected.get("rel_fro").asDouble(), within(1e-4));
    assertThat(Blas.quadraticForm(error, hessian) / Blas.quadraticForm(weight, hessian))
        .isCloseTo(
            expected.get("out_err").asDouble(), within(1e-3 * expected.get("out_err").asDouble()));
  }

  @Test
  void smoothQuantScalesAgreeWithTheAuthors() throws IOException {
    CompressedMatrix compressed =
        Recipes.one("{method = smoothquant, channel-type = f32}")
            .compress(weights.get("q"), DType.F32, knowledge);
    float[] ours = ((ChannelScale) ((Rebased) compressed.parts().get(0)).change()).scales();
    try (SafetensorsFile file =
        SafetensorsFile.open(goldens.resolve("smoothquant/qkv_alpha0.5.safetensors"))) {
      float[] expected = file.floats("scales");
      for (int j = 0; j < expected.length; j++) {
        assertThat(ours[j]).isCloseTo(expected[j], within(1e-6f * expected[j]));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"q", "k", "v"})
  void smoothQuantOutputErrorsAgreeWithTheAuthors(String name) throws IOException {
    JsonNode invariants = json("smoothquant/qkv_alpha0.5").get("invariants");
    Matrix weight = weights.get(name);
    CompressedMatrix smooth =
        Recipes.one("{method = smoothquant, channel-type = f32, scale-type = f32}")
            .compress(weight, DType.F32, knowledge);
    Rebased rebased = (Rebased) smooth.parts().get(0);
    double expected = invariants.get(name + " W8A8 out_err (smooth)").asDouble();
    assertThat(outputError(rebased.inner().decode(), rebased.change().inputs(x), weight))
        .isCloseTo(expected, within(1e-3 * expected));
    CompressedMatrix plain =
        Recipes.one(
                "{name = plain, stages = [{stage = activations, bits = 8},"
                    + " {stage = quantize, bits = 8, grid = narrow-sym, granularity = row}]}")
            .compress(weight, DType.F32, knowledge);
    double without = invariants.get(name + " W8A8 out_err (plain)").asDouble();
    assertThat(outputError(plain.decode(), x, weight)).isCloseTo(without, within(1e-3 * without));
  }

  /** ‖Ŵ′·Q(x′) − W·x‖² / ‖W·x‖² with tokens rounded to 8 bits here. */
  private static double outputError(Matrix there, Matrix moved, Matrix weight) {
    Matrix rounded = moved.copy();
    for (int t = 0; t < moved.rows(); t++) {
      float largest = 1e-5f;
      for (int j = 0; j < moved.cols(); j++) {
        largest = Math.max(largest, Math.abs(moved.at(t, j)));
      }
      float scale = largest / 127;
      for (int j = 0; j < moved.cols(); j++) {
        rounded.data()[t * moved.cols() + j] = (float) Math.rint(moved.at(t, j) / scale) * scale;
      }
    }
    Matrix outputs = Blas.multiplyTransposed(x, weight);
    Matrix approximate = Blas.multiplyTransposed(rounded, there);
    return Recipes.squaredDistance(approximate, outputs) / outputs.squaredNorm();
  }
}
