package dev.assay.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SpectrumTest {
  @Test
  void numbersOfAHandWorkedSpectrum() {
    Spectrum spectrum = new Spectrum(new double[] {4, 2, 2}, 24, 3);

    assertThat(spectrum.stableRank()).isEqualTo(1.5);
    // p = ½, ¼, ¼: entropy 1.5 ln 2.
    assertThat(spectrum.effectiveRank()).hasValueCloseTo(Math.pow(2, 1.5), within(1e-12));
    assertThat(spectrum.cumulativeEnergy()).containsExactly(16 / 24.0, 20 / 24.0, 1);
    assertThat(spectrum.residual(0)).isEqualTo(Math.sqrt(24));
    assertThat(spectrum.residual(1)).isEqualTo(Math.sqrt(8));
    assertThat(spectrum.residual(3)).isZero();
  }

  @Test
  void equalValuesHaveFullRank() {
    Spectrum spectrum = new Spectrum(new double[] {3, 3, 3, 3}, 36, 4);

    assertThat(spectrum.stableRank()).isEqualTo(4);
    assertThat(spectrum.effectiveRank()).hasValueCloseTo(4.0, within(1e-12));
  }

  @Test
  void aTruncatedSpectrumKeepsTheWholeEnergy() {
    Spectrum spectrum = new Spectrum(new double[] {4}, 24, 3);

    assertThat(spectrum.complete()).isFalse();
    assertThat(spectrum.cumulativeEnergy()).containsExactly(16 / 24.0);
    assertThat(spectrum.residual(1)).isEqualTo(Math.sqrt(8));
    assertThat(spectrum.stableRank()).isEqualTo(1.5);
    assertThat(spectrum.effectiveRank()).isEmpty();
  }

  @Test
  void aZeroMatrixHasRankZeroAndMissesNothing() {
    Spectrum spectrum = new Spectrum(new double[2], 0, 2);

    assertThat(spectrum.stableRank()).isZero();
    assertThat(spectrum.effectiveRank()).hasValue(0);
    assertThat(spectrum.cumulativeEnergy()).containsExactly(1, 1);
    assertThat(spectrum.residual(1)).isZero();
  }

  @Test
  void impossibleValuesAreRefused() {
    assertThatThrownBy(() -> new Spectrum(new double[] {1, 2}, 5, 2)).hasMessageContaining("2.0");
    assertThatThrownBy(() -> new Spectrum(new double[] {Double.NaN}, 5, 2))
        .hasMessageContaining("NaN");
    assertThatThrownBy(() -> new Spectrum(new double[] {1}, Double.NaN, 2))
        .hasMessageContaining("NaN");
    assertThatThrownBy(() -> new Spectrum(new double[] {1, 1}, 2, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Spectrum(new double[] {1}, 2, 2).residual(2))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
