package dev.assay.recipe.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.assay.SharedFiles;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.linalg.Blas;
import dev.assay.linalg.Symmetric;
import dev.assay.part.Codes;
import dev.assay.part.CompressedMatrix;
import dev.assay.part.Part;
import dev.assay.part.Permutation;
import dev.assay.part.Rebased;
import dev.assay.part.UniformLevels;
import dev.assay.recipe.Inputs;
import dev.assay.recipe.Recipes;
import dev.assay.recipe.State;
import dev.assay.recipe.TestKnowledge;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Agreement with GPTQ's, SpQR's and SparseGPT's own code on a real matrix, where it is present. */
class SolveGoldenTest {
  private static Path goldens;
  private static Matrix query;
  private static Symmetric hessian;

  @BeforeAll
  static void open() throws IOException {
    goldens = SharedFiles.require("goldens");
    try (SafetensorsFile file =
        SafetensorsFile.open(goldens.resolve("inputs/weights.safetensors"))) {
      query = file.matrix("q.weight");
    }
    try (SafetensorsFile file =
        SafetensorsFile.open(goldens.resolve("inputs/hessian.safetensors"))) {
      hessian = Symmetric.of(384, file.doubles("H_attn"));
    }
  }

  private static SafetensorsFile golden(String name) throws IOException {
    return SafetensorsFile.open(goldens.resolve(name + ".safetensors"));
  }

  private static JsonNode json(String name) throws IOException {
    return new ObjectMapper().readTree(goldens.resolve(name + ".json").toFile());
  }

  private static CompressedMatrix compress(String entry) {
    TestKnowledge knowledge = TestKnowledge.of(query, Inputs.of(hessian));
    return Recipes.one(entry).compress(query, DType.F32, knowledge);
  }

  /** Relative Frobenius and output error, as the golden says they are. */
  private static void assertErrors(String name, Matrix effective, double tolerance)
      throws IOException {
    JsonNode expected = json(name).get("f64_run");
    Matrix difference = query.copy();
    for (int i = 0; i < difference.size(); i++) {
      difference.data()[i] -= effective.data()[i];
    }
    double frobenius = Math.sqrt(difference.squaredNorm() / query.squaredNorm());
    double rel = expected.get("rel_fro").asDouble();
    assertThat(frobenius).isCloseTo(rel, within(tolerance * rel));
    if (expected.has("out_err")) {
      double out = expected.get("out_err").asDouble();
      assertThat(Blas.quadraticForm(difference, hessian) / Blas.quadraticForm(query, hessian))
          .isCloseTo(out, within(tolerance * out));
    }
  }

  private static int[] integers(SafetensorsFile file, String name) throws IOException {
    IntBuffer buffer =
        ByteBuffer.wrap(file.bytes(name)).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
    int[] integers = new int[buffer.remaining()];
    buffer.get(integers);
    return integers;
  }

  private static boolean bit(byte[] packed, int row, int col) {
    return (packed[row * 48 + col / 8] >> (7 - col % 8) & 1) != 0;
  }

  @ParameterizedTest
  @CsvSource({
    "q_w4_asym_row, 'bits = 4'",
    "q_w3_asym_g128, 'bits = 3, granularity = \"group(128)\"'",
    "q_w4_asym_g128_actorder_static,"
        + " 'granularity = \"group(128)\", order = activation, groups = static'",
  })
  void gptqChoosesTheReferencesCodes(String name, String settings) throws IOException {
    CompressedMatrix compressed = compress("{method = gptq, " + settings + "}");
    Codes codes = (Codes) compressed.parts().get(0);
    try (SafetensorsFile file = golden("gptq/" + name)) {
      byte[] expected = file.bytes("codes");
      int[] moved = integers(file, "f64_diff_index");
      byte[] to = file.bytes("f64_diff_code");
      for (int i = 0; i < moved.length; i++) {
        expected[moved[i]] = to[i];
      }
      int differing = 0;
      for (int i = 0; i < expected.length; i++) {
        differing += codes.code(i) == (expected[i] & 0xff) ? 0 : 1;
      }
      assertThat(differing).as("codes that differ").isZero();
      float[] scales = file.floats("scales");
      float[] zeros = file.floats("zeros");
      for (int i = 0; i < scales.length; i++) {
        assertThat(((UniformLevels) codes.levels()).scale(i)).isCloseTo(scales[i], within(1e-6f));
        assertThat(((UniformLevels) codes.levels()).zero(i)).isEqualTo(zeros[i]);
      }
    }
    assertErrors("gptq/" + name, compressed.decode(), 1e-6);
  }

  @Test
  void symmetricGptqHasTheReferencesError() throws IOException {
    // The largest entry of a symmetric group lies on a rounding tie: codes may differ, errors not.
    CompressedMatrix compressed =
        compress(
            "{method = gptq, grid = gptq-sym, granularity = \"group(128)\", order = activation,"
                + " groups = static}");
    assertErrors("gptq/q_w4_sym_g128_actorder_static", compressed.decode(), 1e-3);
  }

  @ParameterizedTest
  @CsvSource({
    "q_w4_g16_inf, 'threshold = inf, order = natural, damping = 0.01, scale-bits = none,"
        + " zero-bits = none'",
    "q_w4_g16_out0.2, 'order = natural, damping = 0.01, scale-bits = none, zero-bits = none'",
    "q_w4_g16_out0.2_qq3_actorder_damp1_README, 'bits = 4'"
  })
  void spqrChoosesTheReferencesCodesAndOutliers(String name, String settings) throws IOException {
    CompressedMatrix compressed =
        compress(
            "{method = spqr, scale-type = f32, zero-type = f32, value-type = f32, "
                + settings
                + "}");
    Part first = compressed.parts().get(0);
    Codes codes =
        (Codes) (first instanceof Rebased rebased ? rebased.inner().parts().get(0) : first);
    Matrix kept = Matrix.zeros(384, 384);
    if (compressed.parts().size() > 1) {
      compressed.parts().get(1).applyTo(kept);
    }
    try (SafetensorsFile file = golden("spqr/" + name)) {
      int[] order = integers(file, "perm");
      if (first instanceof Rebased rebased) {
        assertThat(rebased.change().payload().get(0).bytes())
            .isEqualTo(Permutation.of(order).payload().get(0).bytes());
      }
      byte[] expected = file.bytes("codes_permuted");
      byte[] outliers = file.bytes("outlier_mask_permuted");
      int count = 0;
      int differing = 0;
      for (int i = 0; i < expected.length; i++) {
        int row = i / 384;
        int col = i % 384;
        boolean outlier = bit(outliers, row, col);
        boolean same = codes.code(i) == (expected[i] & 0xff);
        differing += same && kept.at(row, order[col]) != 0 == outlier ? 0 : 1;
        count += outlier ? 1 : 0;
      }
      assertThat(differing).as("codes and outliers that differ").isZero();
      assertThat(count).isEqualTo(json("spqr/" + name).at("/invariants/outliers f64").asInt());
      assertThat(compressed.parts()).hasSize(count == 0 ? 1 : 2);
      float[] scales = numbers(file, "quant_layer_scale", "quant_layer_scale");
      float[] zeros = numbers(file, "quant_layer_zeros", "quant_layer_zero");
      for (int granule = 0; granule < codes.levels().granules(); granule++) {
        assertThat(((UniformLevels) codes.levels()).scale(granule))
            .isCloseTo(scales[granule], within(2e-6f));
        assertThat(((UniformLevels) codes.levels()).zero(granule))
            .isCloseTo(zeros[granule], within(2e-4f));
      }
    }
    assertErrors("spqr/" + name, compressed.decode(), 1e-6);
  }

  /** Scales or zero points, plain or by their second level over 16 rows. */
  private static float[] numbers(SafetensorsFile file, String codes, String meta)
      throws IOException {
    if (file.entries().stream().noneMatch(entry -> entry.name().equals(meta + "_qq_scale"))) {
      return file.floats(codes);
    }
    byte[] second = file.bytes(codes);
    float[] scales = file.floats(meta + "_qq_scale");
    float[] zeros = file.floats(meta + "_qq_zero");
    float[] numbers = new float[second.length];
    for (int i = 0; i < numbers.length; i++) {
      int share = i / 24 / 16 * 24 + i % 24;
      numbers[i] = scales[share] * ((second[i] & 0xff) - zeros[share]);
    }
    return numbers;
  }

  @ParameterizedTest
  @CsvSource({
    "q_50, 'sparsity = 0.5'",
    "q_2_4, 'sparsity = none, pattern = \"2:4\"'",
    "q_50_w4, 'quantize {bits = 4, grid = gptq-asym, granularity = row}'"
  })
  void sparseGptPrunesTheReferencesEntries(String name, String settings) throws IOException {
    CompressedMatrix compressed = compress("{method = sparsegpt, " + settings + "}");
    Matrix effective = compressed.decode();
    try (SafetensorsFile file = golden("sparsegpt/" + name)) {
      byte[] pruned = file.bytes("pruned_mask_f64");
      byte[] stored = compressed.payload().get(0).bytes();
      assertThat(compressed.payload().get(0).name()).isEqualTo("0.mask");
      Matrix expected = file.matrix("What");
      int differing = 0;
      for (int i = 0; i < effective.size(); i++) {
        boolean gone = bit(pruned, i / 384, i % 384);
        boolean close = Math.abs(effective.data()[i] - expected.data()[i]) < 1e-5;
        differing += close && (stored[i / 8] >> i % 8 & 1) == 0 == gone ? 0 : 1;
      }
      assertThat(differing).as("entries that differ").isZero();
    }
    assertErrors("sparsegpt/" + name, effective, 1e-6);
  }

  @Test
  void theLossIsTheReferencesLoss() throws IOException {
    // The reference's H has the factor 2 and its losses are halved.
    State state = State.of(query, DType.F32);
    Solve gptq = (Solve) Recipes.one("{method = gptq}").stages().get(0);
    Curvature curvature = Curvature.of(hessian, new Curvature.Key(0.01, Solve.Order.NATURAL));
    double loss = new ColumnLoop(gptq, state, Optional.empty(), curvature).run().loss();
    double expected = json("gptq/q_w4_asym_row").at("/invariants/2*sum(Losses) f64 run").asDouble();
    assertThat(2 * loss).isCloseTo(expected, within(1e-6 * expected));
  }
}
