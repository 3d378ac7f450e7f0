package dev.assay.recipe.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.assay.SharedFiles;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.linalg.Symmetric;
import dev.assay.part.CompressedMatrix;
import dev.assay.part.Overlay;
import dev.assay.recipe.Recipes;
import dev.assay.recipe.TestKnowledge;
import dev.assay.stats.Fisher;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.BitSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * SqueezeLLM's own functions on a real matrix, where their outputs are present: the same entries
 * are kept, and the levels are the stored exact optimum, at least as good as the authors'.
 */
class SqueezeLlmGoldenTest {
  private static final int TOKENS = 16;

  private static Path goldens;
  private static Matrix query;
  private static Matrix fisher;

  @BeforeAll
  static void open() throws IOException {
    goldens = SharedFiles.require("goldens");
    try (SafetensorsFile file =
        SafetensorsFile.open(goldens.resolve("inputs/weights.safetensors"))) {
      query = file.matrix("q.weight");
    }
    Matrix x;
    try (SafetensorsFile file =
        SafetensorsFile.open(goldens.resolve("inputs/x_attn.safetensors"))) {
      x = file.matrix(file.entries().get(0).name());
    }
    try (SafetensorsFile file =
        SafetensorsFile.open(goldens.resolve("fisher/fisher.safetensors"))) {
      double[] gradients = file.doubles("gout_q");
      int[] tokens = integers(file.bytes("tok_q"));
      fisher = squares(gradients, tokens, x);
    }
  }

  private static int[] integers(byte[] bytes) {
    int[] integers = new int[bytes.length / 4];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(integers);
    return integers;
  }

  /** F = mean over samples of G², G = goutᵀ·X of the sample's tokens. */
  private static Matrix squares(double[] gradients, int[] tokens, Matrix x) {
    int rows = query.rows();
    int cols = query.cols();
    int samples = tokens.length / TOKENS;
    double[] sums = new double[rows * cols];
    for (int sample = 0; sample < samples; sample++) {
      for (int row = 0; row < rows; row++) {
        double[] g = new double[cols];
        for (int t = sample * TOKENS; t < (sample + 1) * TOKENS; t++) {
          double out = gradients[t * rows + row];
          for (int col = 0; col < cols; col++) {
            g[col] += out * x.at(tokens[t], col);
          }
        }
        for (int col = 0; col < cols; col++) {
          sums[row * cols + col] += g[col] * g[col] / samples;
        }
      }
    }
    Matrix squares = Matrix.zeros(rows, cols);
    for (int i = 0; i < sums.length; i++) {
      squares.data()[i] = (float) sums[i];
    }
    return squares;
  }

  private static CompressedMatrix compressed(String parameters) {
    Symmetric one = Symmetric.of(1, new double[] {1});
    TestKnowledge knowledge = new TestKnowledge(query).with(new Fisher(32, fisher, one, one));
    return Recipes.one(
            "{method = squeezellm, level-type = f32, value-type = f32, " + parameters + "}")
        .compress(query, DType.F32, knowledge);
  }

  private static void isTheOptimum(String golden, Matrix effective, BitSet kept)
      throws IOException {
    try (SafetensorsFile file =
        SafetensorsFile.open(goldens.resolve("squeezellm/" + golden + ".safetensors"))) {
      double[] optimum = file.doubles("objective_dp");
      double[] authors = file.doubles("objective_f64");
      for (int row = 0; row < query.rows(); row++) {
        double sum = 0;
        float[] entries = new float[query.cols()];
        float[] weights = new float[query.cols()];
        int count = 0;
        for (int col = 0; col < query.cols(); col++) {
          int i = row * query.cols() + col;
          if (!kept.get(i)) {
            double error = (double) query.data()[i] - effective.data()[i];
            sum += fisher.data()[i] * error * error;
            entries[count] = query.data()[i];
            weights[count++] = fisher.data()[i];
          }
        }
        int size = golden.contains("3b") ? 8 : 16;
        double exact = Clusters.of(Granule.of(entries, weights, count), size).cost();
        assertThat(exact).as("row %d", row).isCloseTo(optimum[row], within(1e-9 * optimum[row]));
        // Levels are stored in single precision.
        assertThat(sum).as("row %d", row).isCloseTo(optimum[row], within(1e-6 * optimum[row]));
        assertThat(sum).isLessThanOrEqualTo(authors[row] * (1 + 1e-9));
      }
    }
  }

  @Test
  void denseLevelsAreTheExactOptimum() throws IOException {
    Matrix effective = compressed("bits = 4, sensitive = 0, range = none").decode();
    isTheOptimum("q_4b_dense", effective, new BitSet());
  }

  @Test
  void theSameEntriesAreKeptAndTheOthersAtTheOptimum() throws IOException {
    JsonNode settings =
        new ObjectMapper()
            .readTree(goldens.resolve("squeezellm/q_3b_sparse.json").toFile())
            .get("settings");
    // The authors' strict comparison keeps one sensitive entry fewer than the share says.
    int sensitive =
        (int) (query.size() * settings.get("sensitivity_percent").doubleValue() / 100) - 1;
    CompressedMatrix compressed =
        compressed(
            "bits = 3, index-type = i32, sensitive = "
                + sensitive
                + ", range = "
                + settings.get("range").doubleValue());
    BitSet kept = new BitSet();
    try (SafetensorsFile file =
        SafetensorsFile.open(goldens.resolve("squeezellm/q_3b_sparse.safetensors"))) {
      for (int index : integers(file.bytes("sparse_index"))) {
        kept.set(index);
      }
    }
    Overlay overlay = (Overlay) compressed.parts().get(1);
    assertThat(integers(overlay.payload().get(0).bytes())).isEqualTo(kept.stream().toArray());
    isTheOptimum("q_3b_sparse", compressed.decode(), kept);
  }
}
