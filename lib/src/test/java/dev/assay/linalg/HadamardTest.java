package dev.assay.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HadamardTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 4, 8, 12, 20, 24, 28, 36, 44, 60, 76, 108, 140, 300, 312})
  void entriesAreSignsAndRowsAreOrthogonal(int order) {
    assertThat(Hadamard.isPaley(order)).isTrue();
    double[] h = Hadamard.paley(order);
    assertThat(Arrays.stream(h).allMatch(entry -> entry == 1 || entry == -1)).isTrue();
    double worst = 0;
    for (int i = 0; i < order; i++) {
      for (int j = 0; j <= i; j++) {
        double dot = 0;
        for (int k = 0; k < order; k++) {
          dot += h[i * order + k] * h[j * order + k];
        }
        worst = Math.max(worst, Math.abs(dot - (i == j ? order : 0)));
      }
    }
    assertThat(worst).isZero();
  }

  @Test
  void ordersThatThereCannotBeOrThatAreNotPaleysAreRefused() {
    // 92 is Williamson's, 16 is q + 1 with a q that is no prime.
    for (int order : new int[] {0, 2, 3, 6, 10, 14, 16, 92, 100, 172}) {
      assertThat(Hadamard.isPaley(order)).as("order %d", order).isFalse();
    }
    assertThatThrownBy(() -> Hadamard.paley(92))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("No Hadamard matrix of order 92 is known here");
  }

  @Test
  void theFastTransformEqualsTheDenseMatrix() {
    int order = 16;
    int inner = 3;
    Random random = new Random(1);
    double[] x = random.doubles((long) order * inner, -1, 1).toArray();
    double[] fast = x.clone();
    Hadamard.transform(fast, inner);
    for (int i = 0; i < order; i++) {
      for (int k = 0; k < inner; k++) {
        double sum = 0;
        for (int j = 0; j < order; j++) {
          // Sylvester: H₂ₙ = [H, H; H, −H] has the sign (−1)^(i·j), i·j bit by bit.
          int sign = 1;
          for (int bit = 1; bit < order; bit *= 2) {
            sign = (i & bit) != 0 && (j & bit) != 0 ? -sign : sign;
          }
          sum += sign * x[j * inner + k];
        }
        assertThat(fast[i * inner + k]).isCloseTo(sum, within(1e-12));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 39, 64})
  void randomMatricesAreOrthogonal(int n) {
    double[] q = RandomOrthogonal.of(n, new Random(n));
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double dot = 0;
        for (int k = 0; k < n; k++) {
          dot += q[i * n + k] * q[j * n + k];
        }
        assertThat(dot).isCloseTo(i == j ? 1 : 0, within(1e-14));
      }
    }
  }
}
