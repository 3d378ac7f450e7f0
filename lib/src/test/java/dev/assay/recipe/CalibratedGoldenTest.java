package dev.assay.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.assay.SharedFiles;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.linalg.Blas;
import dev.assay.linalg.Factors;
import dev.assay.linalg.Symmetric;
import dev.assay.recipe.factor.Activation;
import dev.assay.recipe.factor.Norm;
import dev.assay.recipe.factor.Whitening;
import dev.assay.stats.InputStatistics;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Agreement of methods that read activations with their own code, where its outputs are present.
 */
class CalibratedGoldenTest {
  private static Path goldens;
  private static Matrix query;
  private static InputStatistics statistics;

  @BeforeAll
  static void open() throws IOException {
    goldens = SharedFiles.require("goldens");
    Matrix x;
    try (SafetensorsFile file =
        SafetensorsFile.open(goldens.resolve("inputs/weights.safetensors"))) {
      query = file.matrix("q.weight");
    }
    try (SafetensorsFile file =
        SafetensorsFile.open(goldens.resolve("inputs/x_attn.safetensors"))) {
      x = file.matrix(file.entries().get(0).name());
    }
    try (SafetensorsFile file =
        SafetensorsFile.open(goldens.resolve("inputs/hessian.safetensors"))) {
      double[] h = file.doubles(file.entries().get(0).name());
      statistics = Calibrated.statistics(x, Symmetric.of(x.cols(), h));
    }
  }

  private static JsonNode json(String name) throws IOException {
    return new ObjectMapper().readTree(goldens.resolve(name + ".json").toFile());
  }

  private static Matrix effective(String entry) {
    return Calibrated.effective(entry, query, statistics);
  }

  private static double relativeError(Matrix effective) {
    return Math.sqrt(Recipes.squaredDistance(effective, query) / query.squaredNorm());
  }

  private static double outputError(Matrix effective) {
    Matrix difference = effective.copy();
    for (int i = 0; i < difference.size(); i++) {
      difference.data()[i] -= query.data()[i];
    }
    return Blas.quadraticForm(difference, statistics.hessian())
        / Blas.quadraticForm(query, statistics.hessian());
  }

  private static BitSet mask(String golden) throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(goldens.resolve(golden + ".safetensors"))) {
      byte[] packed = file.bytes("pruned_mask");
      BitSet mask = new BitSet();
      for (int i = 0; i < query.size(); i++) {
        mask.set(i, (packed[i / 8] >> (7 - i % 8) & 1) == 1);
      }
      return mask;
    }
  }

  private static BitSet zeros(Matrix effective) {
    BitSet zeros = new BitSet();
    for (int i = 0; i < effective.size(); i++) {
      zeros.set(i, effective.data()[i] == 0);
    }
    return zeros;
  }

  @ParameterizedTest
  @CsvSource({
    "wanda/q_50, '{method = wanda}'",
    "wanda/q_2_4, '{method = wanda, sparsity = none, pattern = \"2:4\"}'",
    "magnitude/q_2_4, '{method = magnitude-prune, sparsity = none, pattern = \"2:4\"}'",
  })
  void pruningAgreesWithTheReference(String golden, String entry) throws IOException {
    Matrix effective = effective(entry);
    assertThat(zeros(effective)).isEqualTo(mask(golden));
    assertThat(relativeError(effective))
        .isCloseTo(json(golden).get("rel_fro").asDouble(), within(1e-9));
    assertThat(outputError(effective))
        .isCloseTo(json(golden).get("out_err").asDouble(), within(1e-7));
  }

  @Test
  void magnitudePrunesOneEntryLessThanTheReferencesComparison() throws IOException {
    // The reference prunes |w| <= the entry that comes after the smallest half: one too many.
    BitSet expected = mask("magnitude/q_50");
    BitSet actual = zeros(effective("{method = magnitude-prune}"));
    assertThat(actual.cardinality()).isEqualTo(query.size() / 2);
    BitSet extra = (BitSet) expected.clone();
    extra.andNot(actual);
    assertThat(extra.cardinality()).isEqualTo(1);
    assertThat(expected.cardinality()).isEqualTo(query.size() / 2 + 1);
    float next = Math.abs(query.data()[extra.nextSetBit(0)]);
    for (int i = 0; i < query.size(); i++) {
      if (!expected.get(i)) {
        assertThat(Math.abs(query.data()[i])).isGreaterThanOrEqualTo(next);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {32, 96, 192})
  void svdLlmAgreesWithDoublePrecision(int rank) throws IOException {
    for (Whitening.Root root : Whitening.Root.values()) {
      Norm metric = new Whitening(root);
      agrees("svdllm/q_f64", metric, rank, 1e-9);
      Matrix effective =
          effective("{method = svd-llm, metric = " + metric + ", rank = " + rank + "}");
      JsonNode expected = json("svdllm/q_f64").get("per_rank").get(Integer.toString(rank));
      double objective = expected.get("objective").asDouble();
      assertThat(outputError(effective) * Blas.quadraticForm(query, statistics.hessian()))
          .isCloseTo(objective, within(1e-6 * objective));
      assertThat(relativeError(effective))
          .isCloseTo(expected.get("rel_fro").asDouble(), within(1e-6));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {32, 96, 192})
  void asvdAgreesWithDoublePrecision(int rank) throws IOException {
    agrees("asvd/q_alpha0.5", new Activation(0.5), rank, 1e-7);
    Matrix effective = effective("{method = asvd, rank = " + rank + "}");
    JsonNode expected = json("asvd/q_alpha0.5").get("per_rank").get(Integer.toString(rank));
    double objective = 0;
    for (int i = 0, at = 0; i < query.rows(); i++) {
      for (int j = 0; j < query.cols(); j++, at++) {
        double scale = Math.sqrt(statistics.meanAbs()[j]) + 1e-6;
        double error = scale * ((double) effective.data()[at] - query.data()[at]);
        objective += error * error;
      }
    }
    double reference = expected.get("objective").asDouble();
    assertThat(objective).isCloseTo(reference, within(1e-7 * reference));
    assertThat(relativeError(effective))
        .isCloseTo(expected.get("rel_fro").asDouble(), within(1e-7));
    assertThat(outputError(effective)).isCloseTo(expected.get("out_err").asDouble(), within(1e-7));
  }

  /** Singular values to {@code tolerance}, effective weights to 1e-6. */
  private static void agrees(String golden, Norm metric, int rank, double tolerance)
      throws IOException {
    TestKnowledge knowledge = TestKnowledge.of(query, statistics);
    Factors factors = metric.factors(State.of(query, DType.F32), knowledge, rank);
    Matrix effective = factors.product(rank);
    try (SafetensorsFile file = SafetensorsFile.open(goldens.resolve(golden + ".safetensors"))) {
      double[] sigma = file.doubles("sigma");
      for (int i = 0; i < sigma.length; i++) {
        assertThat(factors.sigma()[i]).isCloseTo(sigma[i], within(tolerance * sigma[i]));
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
}
