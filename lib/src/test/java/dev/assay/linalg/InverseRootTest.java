package dev.assay.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InverseRootTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 65})
  void theRootTimesItsTransposeInvertsTheDampedMatrix(int n) {
    Symmetric h = Symmetric.of(n, Blas.gram(Matrices.gaussian(3 * n, n, n)));
    InverseRoot root = InverseRoot.of(h, 2, 0.25);
    assertThat(root.raised()).isZero();
    double[] u = root.upper();
    for (int i = 0; i < n; i++) {
      assertThat(u[i * n + i]).isPositive();
      for (int j = 0; j < n; j++) {
        if (j < i) {
          assertThat(u[i * n + j]).isZero();
        }
        // U·(H + 0.5·I)·Uᵀ = I
        double sum = 0;
        for (int k = 0; k < n; k++) {
          for (int l = 0; l < n; l++) {
            sum += u[i * n + k] * (h.at(k, l) + (k == l ? 0.5 : 0)) * u[j * n + l];
          }
        }
        assertThat(sum).isCloseTo(i == j ? 1 : 0, within(1e-10));
      }
    }
  }

  @Test
  void dampingIsRaisedUntilTheMatrixIsPositiveDefinite() {
    Symmetric indefinite = Symmetric.of(2, new double[] {1, 1.5, 1.5, 1});
    InverseRoot root = InverseRoot.of(indefinite, 1, 0.01);
    assertThat(root.raised()).isEqualTo(2);
    assertThat(root.damping()).isCloseTo(1, within(1e-12));
    InverseRoot fromZero = InverseRoot.of(indefinite, 1, 0);
    assertThat(fromZero.raised()).isEqualTo(7);
    assertThat(fromZero.damping()).isCloseTo(1, within(1e-12));
  }

  @Test
  void aMatrixThatNothingHelpsIsAnError() {
    for (double worst : new double[] {-1000, Double.NaN, Double.POSITIVE_INFINITY}) {
      Symmetric damaged = Symmetric.of(2, new double[] {worst, 0, 0, 1});
      assertThatThrownBy(() -> InverseRoot.of(damaged, 1, 0.01))
          .as("%s", worst)
          .isInstanceOf(NumericalException.class)
          .hasMessageContaining("A 2 × 2 Hessian is not positive definite");
    }
  }
}
