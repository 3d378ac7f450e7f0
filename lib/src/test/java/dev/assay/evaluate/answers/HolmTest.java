package dev.assay.evaluate.answers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class HolmTest {
  @Test
  void correctedByHand() {
    // Sorted .005, .01, .03, .04: times 4, 3, 2, 1 is .02, .03, .06, .04, the last raised to .06.
    assertThat(Holm.correct(new double[] {0.01, 0.04, 0.03, 0.005}, 4))
        .containsExactly(new double[] {0.03, 0.06, 0.06, 0.02}, within(1e-15));
    assertThat(Holm.correct(new double[] {0.5, 0.5, 1}, 3)).containsExactly(1, 1, 1);
    assertThat(Holm.correct(new double[] {0.02}, 1)).containsExactly(0.02);
    assertThat(Holm.correct(new double[0], 0)).isEmpty();
  }

  @Test
  void testsThatCouldNotBeMadeCountAsUnclear() {
    double[] all = Holm.correct(new double[] {0.01, 0.02, 1}, 3);
    double[] two = Holm.correct(new double[] {0.01, 0.02}, 3);
    assertThat(two).containsExactly(all[0], all[1]).containsExactly(0.03, 0.04);
    assertThatThrownBy(() -> Holm.correct(new double[] {0.1, 0.1}, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("2 p-values of 1 tests");
  }
}
