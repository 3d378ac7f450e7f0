package dev.assay.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.tensor.Matrix;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlasTest {
  @ParameterizedTest
  @CsvSource({"1,1,1", "3,5,7", "7,3,5", "1,9,4", "9,1,4", "4,9,1", "64,33,65"})
  void productsAgreeWithTheDefinition(int m, int k, int n) {
    Matrix a = Matrices.gaussian(m, k, 1);
    Matrix b = Matrices.gaussian(k, n, 2);
    Matrix expected = Matrices.naiveProduct(a, b);

    assertClose(Blas.multiply(a, b), expected);
    assertClose(Blas.multiplyTransposed(a, b.transpose()), expected);
    assertClose(Blas.transposedMultiply(a.transpose(), b), expected);
  }

  @Test
  void productsOverAnEmptyDimensionAreZeroOrEmpty() {
    assertThat(Blas.multiply(Matrix.zeros(2, 0), Matrix.zeros(0, 3))).isEqualTo(Matrix.zeros(2, 3));
    assertThat(Blas.multiply(Matrix.zeros(0, 2), Matrix.zeros(2, 3))).isEqualTo(Matrix.zeros(0, 3));
    assertThat(Blas.gram(Matrix.zeros(0, 2))).containsExactly(0, 0, 0, 0);
    assertThat(Blas.gram(Matrix.zeros(2, 0))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1,1", "5,3", "3,5", "511,4", "512,4", "1300,6"})
  void gramIsExactlySymmetricAndAccumulatedInDouble(int rows, int cols) {
    Matrix a = Matrices.gaussian(rows, cols, 3);
    double[] gram = Blas.gram(a);

    assertThat(gram).containsExactly(Matrices.naiveGram(a), Offset.offset(1e-11));
    for (int i = 0; i < cols; i++) {
      for (int j = 0; j < cols; j++) {
        assertThat(gram[i * cols + j]).isEqualTo(gram[j * cols + i]);
      }
    }
  }

  @Test
  void subtractsAProductWithinLargerArrays() {
    Matrix a = Matrices.gaussian(5, 7, 1);
    Matrix b = Matrices.gaussian(6, 9, 2);
    Matrix c = Matrices.gaussian(4, 8, 3);
    double[] result = Blas.widen(c.data());
    Blas.subtractProduct(
        3,
        2,
        4,
        new Blas.Tile(Blas.widen(a.data()), 8, 7),
        new Blas.Tile(Blas.widen(b.data()), 11, 9),
        new Blas.Tile(result, 13, 8));
    for (int i = 0; i < c.size(); i++) {
      double expected = c.data()[i];
      int row = i / 8 - 1;
      int col = i % 8 - 5;
      if (row >= 0 && row < 3 && col >= 0 && col < 2) {
        for (int k = 0; k < 4; k++) {
          expected -= (double) a.at(1 + row, 1 + k) * b.at(1 + k, 2 + col);
        }
      }
      assertThat(result[i]).isCloseTo(expected, Offset.offset(1e-12));
    }
  }

  @Test
  void shapesThatDoNotFitAreNamed() {
    Matrix a = Matrix.zeros(2, 3);
    assertThatThrownBy(() -> Blas.multiply(a, a))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 × 3 · 2 × 3");
    assertThatThrownBy(() -> Blas.multiplyTransposed(a, Matrix.zeros(4, 2)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Blas.transposedMultiply(a, Matrix.zeros(3, 2)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static void assertClose(Matrix actual, Matrix expected) {
    assertThat(actual.rows()).isEqualTo(expected.rows());
    assertThat(actual.cols()).isEqualTo(expected.cols());
    assertThat(actual.data()).containsExactly(expected.data(), Offset.offset(2e-5f));
  }
}
