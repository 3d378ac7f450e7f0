package dev.assay.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.assay.SharedFiles;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.linalg.Factors;
import dev.assay.part.Codes;
import dev.assay.part.CompressedMatrix;
import dev.assay.part.UniformLevels;
import dev.assay.recipe.score.Principal;
import dev.assay.recipe.score.TopK;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.file.Path;
import java.util.BitSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Agreement with the outputs of the methods' own code on a real matrix, where they are present. */
class GoldenTest {
  private static Path goldens;
  private static Matrix query;

  @BeforeAll
  static void open() throws IOException {
    goldens = SharedFiles.require("goldens");
    try (SafetensorsFile file =
        SafetensorsFile.open(goldens.resolve("inputs/weights.safetensors"))) {
      query = file.matrix("q.weight");
    }
  }

  private static JsonNode json(String name) throws IOException {
    return new ObjectMapper().readTree(goldens.resolve(name + ".json").toFile());
  }

  private static double relativeError(Matrix effective) {
    return Math.sqrt(Recipes.squaredDistance(effective, query) / query.squaredNorm());
  }

  @ParameterizedTest
  @CsvSource({
    "q_w4_asym_tensor, gptq-asym, tensor, absmax",
    "q_w4_asym_row, gptq-asym, row, absmax",
    "q_w4_asym_g128, gptq-asym, group(128), absmax",
    "q_w4_asym_tensor_mse, gptq-asym, tensor, mse",
    "q_w4_asym_row_mse, gptq-asym, row, mse",
    "q_w4_asym_g128_mse, gptq-asym, group(128), mse",
    "q_w4_sym_tensor, gptq-sym, tensor, absmax",
    "q_w4_sym_row, gptq-sym, row, absmax",
    "q_w4_sym_g128, gptq-sym, group(128), absmax",
    "q_w4_sym_tensor_mse, gptq-sym, tensor, mse",
    "q_w4_sym_row_mse, gptq-sym, row, mse",
    "q_w4_sym_g128_mse, gptq-sym, group(128), mse",
  })
  void rtnAgreesWithTheReferenceQuantizer(
      String golden, String grid, String granularity, String clip) throws IOException {
    CompressedMatrix compressed =
        Recipes.compress(
            "{method = rtn, bits = 4, grid = "
                + grid
                + ", granularity = \""
                + granularity
                + "\", clip = "
                + clip
                + "}",
            query);
    Codes codes = (Codes) compressed.parts().get(0);
    try (SafetensorsFile file =
        SafetensorsFile.open(goldens.resolve("rtn/" + golden + ".safetensors"))) {
      float[] scales = file.floats("scales");
      float[] zeros = file.floats("zeros");
      byte[] expected = file.bytes("codes");
      assertThat(codes.levels().granules()).isEqualTo(scales.length);
      int differing = 0;
      int span = query.size() / scales.length;
      int[] moved = new int[scales.length];
      for (int i = 0; i < query.size(); i++) {
        int difference = Math.abs(codes.code(i) - (expected[i] & 0xff));
        assertThat(difference).isLessThanOrEqualTo(clip.equals("mse") ? 15 : 1);
        differing += difference == 0 ? 0 : 1;
        moved[i / span] += difference;
      }
      for (int granule = 0; granule < scales.length; granule++) {
        if (moved[granule] == 0) {
          assertThat(((UniformLevels) codes.levels()).scale(granule))
              .isCloseTo(scales[granule], within(1e-6f));
          assertThat((float) ((UniformLevels) codes.levels()).zero(granule))
              .isEqualTo(zeros[granule]);
        }
      }
      // Symmetric grids put the largest entry on a tie; asymmetric ones must agree everywhere.
      int allowed = grid.equals("gptq-sym") ? Math.max(1, scales.length / 8) : 0;
      assertThat(differing).as("codes that differ").isLessThanOrEqualTo(allowed);
    }
    assertThat(relativeError(compressed.decode()))
        .isCloseTo(json("rtn/" + golden).get("rel_fro").asDouble(), within(1e-4));
  }

  @ParameterizedTest
  @ValueSource(ints = {32, 96, 192})
  void svdAgreesWithDoublePrecisionLapack(int rank) throws IOException {
    TestKnowledge knowledge = new TestKnowledge(query);
    Factors factors = knowledge.factors(rank);
    Matrix effective =
        Recipes.one("{method = svd, rank = " + rank + "}")
            .compress(query, DType.F32, knowledge)
            .decode();
    JsonNode expected = json("svd/q").get("per_rank").get(Integer.toString(rank));
    assertThat(relativeError(effective))
        .isCloseTo(expected.get("rel_fro").asDouble(), within(1e-6));
    try (SafetensorsFile file = SafetensorsFile.open(goldens.resolve("svd/q.safetensors"))) {
      double[] sigma = file.doubles("sigma");
      for (int i = 0; i < sigma.length; i++) {
        assertThat(factors.sigma()[i]).isCloseTo(sigma[i], within(1e-9 * sigma[i]));
      }
      Matrix u = file.matrix("U");
      Matrix v = file.matrix("V");
      for (int i = 0; i < 384; i += 5) {
        for (int j = 0; j < 384; j += 7) {
          double reference = 0;
          for (int k = 0; k < rank; k++) {
            reference += u.at(i, k) * sigma[k] * v.at(k, j);
          }
          assertThat((double) effective.at(i, j)).isCloseTo(reference, within(1e-6));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 16, 64, 256, 1024, 4096})
  void svdPreserveAgreesWithItsDerivation(int keep) throws IOException {
    JsonNode results = json("svd_preserve/q_r8_w4").get("results");
    for (String clip : new String[] {"2.5sigma", "absmax"}) {
      Matrix effective =
          Recipes.effective(
              "{method = svd-preserve, keep = "
                  + keep
                  + ", clip = \""
                  + (clip.equals("absmax") ? "absmax" : "sigma(2.5)")
                  + "\"}",
              query);
      JsonNode expected = results.get(clip + " k=" + keep);
      assertThat(relativeError(effective))
          .isCloseTo(expected.get("rel_fro").asDouble(), within(1e-6));
      if (keep == 256) {
        try (SafetensorsFile file =
            SafetensorsFile.open(goldens.resolve("svd_preserve/q_r8_w4.safetensors"))) {
          Matrix reference = file.matrix("What_" + clip + "_k256");
          for (int i = 0; i < reference.size(); i++) {
            assertThat(effective.data()[i]).isCloseTo(reference.data()[i], within(1e-6f));
          }
        }
      }
    }
  }

  @Test
  void svdPreserveSelectsTheSameEntries() throws IOException {
    float[] scores = new Principal(8).of(State.of(query, DType.F32), new TestKnowledge(query));
    try (SafetensorsFile file =
        SafetensorsFile.open(goldens.resolve("svd_preserve/q_r8_w4.safetensors"))) {
      byte[] raw = file.bytes("indices_sorted_by_score");
      IntBuffer indices = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
      for (int keep : new int[] {1, 16, 64, 256, 1024, 4096}) {
        BitSet expected = new BitSet();
        for (int i = 0; i < keep; i++) {
          expected.set(indices.get(i));
        }
        assertThat(TopK.indices(scores, keep)).as("k = %d", keep).isEqualTo(expected);
      }
    }
  }
}
