package dev.assay.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.tensor.Matrix;
import org.junit.jupiter.api.Test;

class FactorsTest {
  private static final double[] SIGMA = {3, 2};

  @Test
  void theLargestEntryOfEachLeftVectorIsMadePositive() {
    Matrix u = Matrix.of(3, 2, new float[] {0.6f, 0.6f, -0.8f, 0.8f, 0, 0});
    Matrix v = Matrix.of(2, 2, new float[] {1, 0, 0, -1});
    Factors factors = Factors.of(u, SIGMA, v, 13);

    assertThat(factors.u().data()).containsExactly(-0.6f, 0.6f, 0.8f, 0.8f, -0f, 0);
    assertThat(factors.v().data()).containsExactly(-1, 0, -0f, -1);
    assertThat(u.at(0, 0)).as("the argument").isEqualTo(0.6f);
  }

  @Test
  void ofEqualMagnitudesTheFirstDecides() {
    Matrix u = Matrix.of(2, 2, new float[] {-0.5f, 0.5f, 0.5f, -0.5f});
    Factors factors = Factors.of(u, SIGMA, Matrix.of(2, 2, new float[] {1, 0, 0, 1}), 13);

    assertThat(factors.u().data()).containsExactly(0.5f, 0.5f, -0.5f, -0.5f);
  }

  @Test
  void productAndSliceUseTheLeadingTriplets() {
    Matrix identity = Matrix.of(2, 2, new float[] {1, 0, 0, 1});
    Factors factors =
        Factors.of(Matrix.of(3, 2, new float[] {1, 0, 0, 1, 0, 0}), SIGMA, identity, 13);

    assertThat(factors.product(2).data()).containsExactly(3, 0, 0, 2, 0, 0);
    assertThat(factors.product(1).data()).containsExactly(3, 0, 0, 0, 0, 0);
    assertThat(factors.product(0)).isEqualTo(Matrix.zeros(3, 2));
    Factors one = factors.slice(1);
    assertThat(one.rank()).isEqualTo(1);
    assertThat(one.u().data()).containsExactly(1, 0, 0);
    assertThat(one.product(1)).isEqualTo(factors.product(1));
    assertThat(one.energy()).isEqualTo(13);
    assertThat(one.spectrum().complete()).isFalse();
    assertThat(one.spectrum().cumulativeEnergy()).containsExactly(9 / 13.0);
    assertThat(factors.slice(2)).isSameAs(factors);
    assertThatThrownBy(() -> factors.slice(3)).hasMessageContaining("Rank 3");
    assertThatThrownBy(() -> factors.product(-1)).hasMessageContaining("Rank -1");
  }

  @Test
  void factorsThatDoNotFitAreRefused() {
    assertThatThrownBy(() -> Factors.of(Matrix.zeros(3, 2), SIGMA, Matrix.zeros(2, 1), 13))
        .hasMessageContaining("U 3 × 2, 2 values, V 2 × 1");
    assertThatThrownBy(
            () -> Factors.of(Matrix.zeros(3, 2), new double[] {1, 2}, Matrix.zeros(2, 2), 5))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
