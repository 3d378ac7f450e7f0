package dev.assay.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.tensor.Matrix;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SymmetricTest {
  private static Matrix rows(int count, int n, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Matrix x = Matrix.zeros(count, n);
    for (int i = 0; i < x.size(); i++) {
      x.data()[i] = (float) (random.nextDouble() - 0.5);
    }
    return x;
  }

  private static Symmetric gram(int n) {
    return Symmetric.of(n, Blas.gram(rows(3 * n, n, n))).plusIdentity(0.1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 64})
  void choleskyMultipliesBackToTheMatrix(int n) {
    Symmetric h = gram(n);
    double[] lower = h.cholesky();
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int k = 0; k < n; k++) {
          sum += lower[i * n + k] * lower[j * n + k];
        }
        assertThat(sum).isCloseTo(h.at(i, j), within(1e-11));
        if (j > i) {
          assertThat(lower[i * n + j]).isZero();
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 64})
  void theInverseTimesTheMatrixIsTheIdentity(int n) {
    Symmetric h = gram(n);
    Symmetric inverse = h.inverse();
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int k = 0; k < n; k++) {
          sum += h.at(i, k) * inverse.at(k, j);
        }
        assertThat(sum).isCloseTo(i == j ? 1 : 0, within(1e-10));
        assertThat(inverse.at(i, j)).isEqualTo(inverse.at(j, i));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 64})
  void eigenvectorsAreThat(int n) {
    Symmetric h = gram(n);
    Symmetric.Eigen eigen = h.eigen();
    for (int i = 0; i < n; i++) {
      assertThat(i == 0 || eigen.values()[i] >= eigen.values()[i - 1]).isTrue();
      for (int row = 0; row < n; row++) {
        double sum = 0;
        for (int k = 0; k < n; k++) {
          sum += h.at(row, k) * eigen.vectors()[i * n + k];
        }
        assertThat(sum).isCloseTo(eigen.values()[i] * eigen.vectors()[i * n + row], within(1e-10));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 7})
  void whatIsNotPositiveDefiniteSaysSo(int n) {
    Symmetric singular = Symmetric.of(n, Blas.gram(rows(n - 1, n, 1)));
    assertThatThrownBy(() -> singular.plusIdentity(-1e-3).cholesky())
        .isInstanceOf(NumericalException.class)
        .hasMessageContaining("not positive definite");
    assertThatThrownBy(() -> singular.plusIdentity(-1e-3).inverse())
        .isInstanceOf(NumericalException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 600})
  void theQuadraticFormIsTheSquaredOutput(int rows) {
    Matrix x = rows(50, 9, 2);
    Matrix a = rows(rows, 9, 3);
    double expected = 0;
    for (int i = 0; i < a.rows(); i++) {
      for (int t = 0; t < x.rows(); t++) {
        double dot = 0;
        for (int j = 0; j < 9; j++) {
          dot += (double) a.at(i, j) * x.at(t, j);
        }
        expected += dot * dot;
      }
    }
    assertThat(Blas.quadraticForm(a, Symmetric.of(9, Blas.gram(x))))
        .isCloseTo(expected, within(1e-10 * expected));
  }
}
