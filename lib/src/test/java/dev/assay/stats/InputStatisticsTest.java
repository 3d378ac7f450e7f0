package dev.assay.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.InputException;
import dev.assay.checkpoint.ElementType;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.checkpoint.SafetensorsWriter;
import dev.assay.checkpoint.TensorData;
import dev.assay.linalg.Symmetric;
import dev.assay.part.Permutation;
import dev.assay.part.Rotation;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InputStatisticsTest {
  @TempDir private Path folder;

  private static Matrix tokens(int count, int width, long seed) {
    Random random = new Random(seed);
    Matrix rows = Matrix.zeros(count, width);
    for (int i = 0; i < rows.size(); i++) {
      rows.data()[i] = (float) random.nextGaussian();
    }
    return rows;
  }

  private static Matrix part(Matrix rows, int from, int to) {
    Matrix part = Matrix.zeros(to - from, rows.cols());
    System.arraycopy(rows.data(), from * rows.cols(), part.data(), 0, part.size());
    return part;
  }

  private static InputStatistics gather(Matrix rows, int keep, int... cuts) {
    TokenSums sums = new TokenSums(rows.cols(), keep, 7);
    HessianTile hessian = new HessianTile(rows.cols(), 0, rows.cols());
    int from = 0;
    for (int to : cuts) {
      sums.add(part(rows, from, to));
      hessian.add(part(rows, from, to));
      from = to;
    }
    sums.add(part(rows, from, rows.rows()));
    hessian.add(part(rows, from, rows.rows()));
    return new InputStatistics(
        sums.tokens(),
        sums.meanAbs(),
        sums.maxAbs(),
        Symmetric.of(rows.cols(), hessian.data()),
        sums.rows());
  }

  @Test
  void sumsAreThoseOfTheirDefinitions() {
    Matrix x = tokens(700, 5, 1);
    InputStatistics statistics = gather(x, 10, 16, 600);
    assertThat(statistics.tokens()).isEqualTo(700);
    for (int j = 0; j < 5; j++) {
      double sum = 0;
      double max = 0;
      for (int t = 0; t < 700; t++) {
        sum += Math.abs(x.at(t, j));
        max = Math.max(max, Math.abs(x.at(t, j)));
      }
      assertThat(statistics.meanAbs()[j]).isCloseTo(sum / 700, within(1e-12));
      assertThat(statistics.maxAbs()[j]).isEqualTo(max);
      for (int k = 0; k < 5; k++) {
        double product = 0;
        for (int t = 0; t < 700; t++) {
          product += (double) x.at(t, j) * x.at(t, k);
        }
        assertThat(statistics.hessian().at(j, k)).isCloseTo(product, within(1e-9));
      }
      assertThat(statistics.norms()[j])
          .isCloseTo(Math.sqrt(statistics.hessian().at(j, j)), within(1e-12));
    }
  }

  @Test
  void theRowsKeptAreTokensAndDoNotDependOnTheBlocks() {
    Matrix x = tokens(300, 4, 2);
    Matrix whole = gather(x, 20).rows();
    assertThat(gather(x, 20, 1, 40, 200).rows()).isEqualTo(whole);
    assertThat(whole.rows()).isEqualTo(20);
    int token = -1;
    for (int i = 0; i < 20; i++) {
      int next = token + 1;
      while (!part(x, next, next + 1).equals(part(whole, i, i + 1))) {
        next++;
      }
      token = next;
    }
    assertThat(gather(x, 1000).rows()).isEqualTo(x);
  }

  @Test
  void aChoiceOfRowsIsFair() {
    int[] chosen = new int[2];
    for (long seed = 0; seed < 200; seed++) {
      TokenSums sums = new TokenSums(1, 50, seed);
      sums.add(Matrix.of(100, 1, ascending(100)));
      for (float token : sums.rows().data()) {
        chosen[token < 50 ? 0 : 1]++;
      }
    }
    assertThat(chosen[0]).isBetween(4700, 5300);
  }

  private static float[] ascending(int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = i;
    }
    return numbers;
  }

  @Test
  void aReorderedInputHasReorderedStatistics() {
    Matrix x = tokens(50, 4, 3);
    Permutation change = Permutation.of(2, 0, 3, 1);
    InputStatistics carried = gather(x, 8).carried(change);
    InputStatistics direct = gather(change.inputs(x), 8);
    assertThat(carried.meanAbs()).containsExactly(direct.meanAbs(), within(1e-15));
    assertThat(carried.hessian().data()).containsExactly(direct.hessian().data(), within(1e-12));
    assertThat(carried.rows()).isEqualTo(direct.rows());
  }

  /** Magnitudes in a rotated basis come from the tokens kept; without any they are not zero. */
  @Test
  void withoutTokensARotatedBasisHasNoMagnitudes() {
    Matrix x = tokens(50, 4, 3);
    InputStatistics rotated = gather(x, 0).carried(Rotation.of(4, 1));
    assertThat(rotated.hessian().size()).isEqualTo(4);
    assertThatThrownBy(rotated::meanAbs).isInstanceOf(UnknownChannelsException.class);
    assertThatThrownBy(() -> rotated.carried(Permutation.of(2, 0, 3, 1)).maxAbs())
        .isInstanceOf(UnknownChannelsException.class);
    assertThat(gather(x, 0).carried(Permutation.of(2, 0, 3, 1)).meanAbs()).hasSize(4);
  }

  /** Sums of products that cancel differ by the last bits of what was added. */
  @Test
  void trianglesMayDifferByRounding() throws IOException {
    TensorData tokens = TensorData.of(ElementType.I64, new byte[] {5, 0, 0, 0, 0, 0, 0, 0}, 1);
    TensorData two = TensorData.of(DType.F64, new double[] {1, 2}, 2);
    TensorData nearly = TensorData.of(DType.F64, new double[] {100, 3e-6, -2e-6, 4}, 2, 2);
    Path file = folder.resolve("nearly.safetensors");
    try (OutputStream out = Files.newOutputStream(file)) {
      SafetensorsWriter.write(
          out,
          Map.of("tokens", tokens, "mean_abs", two, "max_abs", two, "hessian", nearly),
          Map.of());
    }
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      Symmetric hessian = StatisticsFile.read(read, "nearly").hessian();
      assertThat(hessian.at(0, 1)).isEqualTo(hessian.at(1, 0)).isEqualTo(-2e-6);
    }
  }

  @Test
  void whatIsNotFiniteIsRefused() {
    TokenSums sums = new TokenSums(2, 4, 0);
    assertThatThrownBy(() -> sums.add(Matrix.of(1, 2, new float[] {1, Float.NaN})))
        .hasMessageContaining("not finite");
    assertThatThrownBy(
            () ->
                StatisticsFile.write(
                    OutputStream.nullOutputStream(), sums, (from, to) -> null, Map.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private InputStatistics writtenAndRead(Matrix x, int keep, int tile) throws IOException {
    TokenSums sums = new TokenSums(x.cols(), keep, 7);
    sums.add(x);
    Path file = folder.resolve("input.safetensors");
    try (OutputStream out = Files.newOutputStream(file)) {
      StatisticsFile.Tiles tiles =
          (from, to) -> {
            HessianTile rows = new HessianTile(x.cols(), from, to);
            rows.add(x);
            return rows.data();
          };
      StatisticsFile.write(out, sums, tiles, tile, Map.of("input", "here"));
    }
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      assertThat(read.metadata()).containsEntry("input", "here");
      return StatisticsFile.read(read, "input");
    }
  }

  @Test
  void aFileReadsBackToTheSameBits() throws IOException {
    Matrix x = tokens(60, 6, 4);
    InputStatistics statistics = gather(x, 9);
    InputStatistics back = writtenAndRead(x, 9, 36);
    assertThat(back.tokens()).isEqualTo(60);
    assertThat(back.meanAbs()).containsExactly(statistics.meanAbs());
    assertThat(back.maxAbs()).containsExactly(statistics.maxAbs());
    assertThat(back.hessian().data()).containsExactly(statistics.hessian().data());
    assertThat(back.rows()).isEqualTo(statistics.rows());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 37, 100, 800, 1368})
  void tilesMakeTheSameMatrix(int entries) throws IOException {
    Matrix x = tokens(700, 37, 5);
    double[] whole = gather(x, 0).hessian().data();
    assertThat(writtenAndRead(x, 0, entries).hessian().data())
        .containsExactly(whole, within(1e-11));
  }

  @Test
  void filesThatCannotBeAreRefusedByName() throws IOException {
    TensorData tokens = TensorData.of(ElementType.I64, new byte[] {5, 0, 0, 0, 0, 0, 0, 0}, 1);
    TensorData two = TensorData.of(DType.F64, new double[] {1, 2}, 2);
    TensorData skew = TensorData.of(DType.F64, new double[] {1, 2, 3, 4}, 2, 2);
    TensorData narrow = TensorData.of(DType.F64, new double[] {1}, 1, 1);
    TensorData infinite = TensorData.of(DType.F64, new double[] {1, 0, 0, 1.0 / 0}, 2, 2);
    assertRefused(
        Map.of("tokens", tokens, "mean_abs", two, "max_abs", two, "hessian", skew),
        "not symmetric at [1, 0]");
    assertRefused(
        Map.of("tokens", tokens, "mean_abs", two, "max_abs", two, "hessian", narrow),
        "hessian must be 2 × 2");
    assertRefused(
        Map.of("tokens", tokens, "mean_abs", two, "max_abs", two, "hessian", infinite),
        "not finite");
    assertRefused(Map.of("tokens", tokens, "mean_abs", two, "max_abs", two), "no tensor hessian");
    TensorData none = TensorData.of(ElementType.I64, new byte[0], 0);
    assertRefused(Map.of("tokens", none, "mean_abs", two, "max_abs", two), "tokens has 0 numbers");
    TensorData unlimited = TensorData.of(DType.F32, new float[] {1, 1f / 0}, 1, 2);
    assertRefused(
        Map.of("tokens", tokens, "mean_abs", two, "max_abs", two, "rows", unlimited), "not finite");
  }

  private void assertRefused(Map<String, TensorData> tensors, String message) throws IOException {
    Path file = folder.resolve("bad.safetensors");
    try (OutputStream out = Files.newOutputStream(file)) {
      SafetensorsWriter.write(out, tensors, Map.of());
    }
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      assertThatThrownBy(() -> StatisticsFile.read(read, "bad.safetensors"))
          .isInstanceOf(InputException.class)
          .hasMessageContaining(message);
    }
  }
}
