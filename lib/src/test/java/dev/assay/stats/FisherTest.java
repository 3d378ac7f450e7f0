package dev.assay.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.InputException;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.linalg.Symmetric;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FisherTest {
  @TempDir private Path folder;

  /** Two examples of a 2 × 3 weight, of two tokens and of one. */
  private static Fisher byHand() {
    FisherAccumulator accumulator = new FisherAccumulator(2, 3);
    accumulator.add(
        Matrix.of(2, 3, new float[] {1, 2, 0, 0, 1, -1}),
        Matrix.of(2, 2, new float[] {1, 0, 2, 1}));
    accumulator.add(Matrix.of(1, 3, new float[] {3, 0, 1}), Matrix.of(1, 2, new float[] {-1, 2}));
    return accumulator.finish();
  }

  @Test
  void sumsAreThoseOfTheirDefinitions() {
    // G₁ = [[1, 4, −2], [0, 1, −1]] and G₂ = [[−3, 0, −1], [6, 0, 2]].
    Fisher fisher = byHand();
    assertThat(fisher.examples()).isEqualTo(2);
    assertThat(fisher.diagonal())
        .isEqualTo(Matrix.of(2, 3, new float[] {5, 8, 2.5f, 18, 0.5f, 2.5f}));
    assertThat(fisher.rowSums()).containsExactly(15.5, 21);
    assertThat(fisher.columnSums()).containsExactly(23, 8.5, 5);
    assertThat(fisher.input().data()).containsExactly(10, 2, 3, 2, 5, -1, 3, -1, 2);
    assertThat(fisher.output().data()).containsExactly(6, 0, 0, 5);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    FisherAccumulator accumulator = new FisherAccumulator(2, 3);
    assertThatThrownBy(accumulator::finish).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> accumulator.add(Matrix.zeros(2, 3), Matrix.zeros(1, 2)))
        .isInstanceOf(IllegalArgumentException.class);
    Matrix bad = Matrix.of(1, 2, new float[] {1, Float.NaN});
    assertThatThrownBy(() -> accumulator.add(Matrix.zeros(1, 3), bad))
        .hasMessageContaining("not finite");
  }

  private Path write(Fisher fisher) throws IOException {
    Path path = folder.resolve("w.fisher.safetensors");
    try (OutputStream out = Files.newOutputStream(path)) {
      FisherFile.write(out, fisher, Map.of("weight", "w"));
    }
    return path;
  }

  private static Fisher read(Path path, int rows, int cols) throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      return FisherFile.read(file, rows, cols, path.toString());
    }
  }

  @Test
  void aFileHoldsAll() throws IOException {
    Fisher fisher = byHand();
    Path path = write(fisher);
    Fisher back = read(path, 2, 3);
    assertThat(back.examples()).isEqualTo(2);
    assertThat(back.diagonal()).isEqualTo(fisher.diagonal());
    assertThat(back.input().data()).isEqualTo(fisher.input().data());
    assertThat(back.output().data()).isEqualTo(fisher.output().data());
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.metadata())
          .containsEntry("format", "assay-fisher-1")
          .containsEntry("weight", "w");
      assertThat(file.doubles("row_sums")).isEqualTo(fisher.rowSums());
      assertThat(file.doubles("column_sums")).isEqualTo(fisher.columnSums());
    }
  }

  private void assertRefused(Fisher fisher, String message) throws IOException {
    Path path = write(fisher);
    assertThatThrownBy(() -> read(path, 2, 3))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(path.toString())
        .hasMessageContaining(message);
  }

  @Test
  void filesOfSomethingElseAreRefused() throws IOException {
    Fisher good = byHand();
    assertRefused(new Fisher(0, good.diagonal(), good.input(), good.output()), "examples is 0");
    assertRefused(
        new Fisher(2, good.diagonal().transpose(), good.output(), good.input()),
        "diagonal must be 2 × 3, as the weight is");
    Matrix negative = good.diagonal().copy();
    negative.data()[4] = -1;
    assertRefused(
        new Fisher(2, negative, good.input(), good.output()), "-1.0, which is no mean of squares");
    negative.data()[4] = Float.POSITIVE_INFINITY;
    assertRefused(
        new Fisher(2, negative, good.input(), good.output()), "diagonal holds numbers that are");
    double[] skewed = good.input().data().clone();
    skewed[1] = 7;
    assertRefused(
        new Fisher(2, good.diagonal(), Symmetric.of(3, skewed), good.output()),
        "input is not symmetric at [1, 0]");
  }
}
