package dev.assay.part;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.linalg.Blas;
import dev.assay.linalg.Symmetric;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BasisChangeTest {
  private static Matrix random(int rows, int cols, long seed) {
    Random random = new Random(seed);
    Matrix matrix = Matrix.zeros(rows, cols);
    for (int i = 0; i < matrix.size(); i++) {
      matrix.data()[i] = (float) random.nextGaussian();
    }
    return matrix;
  }

  private static ChannelScale scale(int width) {
    Random random = new Random(5);
    float[] scales = new float[width];
    for (int j = 0; j < width; j++) {
      scales[j] = (float) Math.exp(random.nextGaussian());
    }
    return ChannelScale.of(scales, DType.F16);
  }

  /** T as a matrix of doubles, row by row. */
  private static double[][] dense(Rotation rotation, int width) {
    double[][] t = new double[width][width];
    for (int i = 0; i < width; i++) {
      t[i][i] = 1;
      rotation.forward(t[i]);
    }
    return t;
  }

  // Powers of two; 12, 20, 28 and 36 times one; Paley orders of their own; odd, by QR; 8 · 23.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 64, 24, 36, 384, 160, 56, 312, 39, 43, 184})
  void aRotationIsOrthogonalAndItsInverseItsTranspose(int width) {
    Rotation rotation = Rotation.of(width, 7);
    double[][] t = dense(rotation, width);
    double worst = 0;
    for (int i = 0; i < width; i++) {
      double[] back = t[i].clone();
      rotation.backward(back);
      for (int j = 0; j < width; j++) {
        worst = Math.max(worst, Math.abs(back[j] - (i == j ? 1 : 0)));
      }
      for (int j = 0; j <= i; j++) {
        double dot = 0;
        for (int k = 0; k < width; k++) {
          dot += t[i][k] * t[j][k];
        }
        worst = Math.max(worst, Math.abs(dot - (i == j ? 1 : 0)));
      }
    }
    assertThat(worst).isLessThan(1e-13);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 64, 24, 36, 384, 160, 312})
  void aHadamardRotationSpreadsEveryChannelEvenly(int width) {
    double worst = 0;
    for (double[] row : dense(Rotation.of(width, 3), width)) {
      for (double entry : row) {
        worst = Math.max(worst, Math.abs(Math.abs(entry) - 1 / Math.sqrt(width)));
      }
    }
    assertThat(worst).isLessThan(1e-15);
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 24, 384, 4096, 43})
  void theFactorsMultiplyToTheRotation(int width) {
    Rotation rotation = Rotation.of(width, 11);
    List<Matrix> factors = rotation.factors();
    assertThat(factors.stream().mapToInt(Matrix::rows).reduce(1, Math::multiplyExact))
        .isEqualTo(width);
    Random random = new Random(2);
    double worst = 0;
    for (int trial = 0; trial < 4; trial++) {
      int i = random.nextInt(width);
      double[] row = new double[width];
      row[i] = 1;
      rotation.forward(row);
      for (int j = 0; j < width; j++) {
        double product = rotation.signs()[i];
        int left = i;
        int right = j;
        for (int f = factors.size() - 1; f >= 0; f--) {
          int order = factors.get(f).rows();
          product *= factors.get(f).at(left % order, right % order);
          left /= order;
          right /= order;
        }
        worst = Math.max(worst, Math.abs(row[j] - product));
      }
    }
    assertThat(worst).isLessThan(1e-7);
  }

  @Test
  void seedsTellRotationsApart() {
    assertThat(Rotation.of(24, 1)).isEqualTo(Rotation.of(24, 1)).isNotEqualTo(Rotation.of(24, 2));
    assertThat(Rotation.of(24, 1).signs()).isEqualTo(Rotation.of(24, 1).signs());
    assertThat(Rotation.of(24, 1).signs()).isNotEqualTo(Rotation.of(24, 2).signs());
  }

  @Test
  void widthsWithoutARotationAreRefused() {
    // 2 · 1151: no Hadamard order divides it, and the odd part is a prime above 1024.
    assertThat(Rotation.exists(2302)).isFalse();
    assertThat(Rotation.exists(0)).isFalse();
    assertThat(Rotation.exists(11008)).isTrue();
    assertThatThrownBy(() -> Rotation.of(2302, 0)).hasMessage("No rotation of 2302 channels");
    assertThatThrownBy(() -> Rotation.of(24, 0).into(random(2, 12, 1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> scale(24).into(random(2, 12, 1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ChannelScale.of(new float[] {1, 0}, DType.F32))
        .hasMessage("No scale of a channel: 0.0");
    assertThatThrownBy(() -> ChannelScale.of(new float[] {1e6f}, DType.F16))
        .hasMessageContaining("Infinity");
  }

  @Test
  void theProductWithTheInputIsTheSameInEveryBasis() {
    int width = 24;
    Matrix weight = random(5, width, 1);
    Matrix inputs = random(9, width, 2);
    for (BasisChange change : List.of(scale(width), Rotation.of(width, 3))) {
      Matrix there = change.into(weight);
      assertThat(there).isNotEqualTo(weight);
      Matrix back = change.back(there);
      Matrix moved = change.inputs(inputs);
      Symmetric carried = change.carry(Symmetric.of(width, Blas.gram(inputs)));
      for (int i = 0; i < weight.size(); i++) {
        assertThat(back.data()[i]).isCloseTo(weight.data()[i], within(1e-6f));
      }
      for (int i = 0; i < 5; i++) {
        for (int t = 0; t < 9; t++) {
          double here = 0;
          double elsewhere = 0;
          for (int j = 0; j < width; j++) {
            here += (double) weight.at(i, j) * inputs.at(t, j);
            elsewhere += (double) there.at(i, j) * moved.at(t, j);
          }
          assertThat(elsewhere).isCloseTo(here, within(1e-5));
        }
      }
      double[] gram = Blas.gram(moved);
      for (int i = 0; i < gram.length; i++) {
        assertThat(carried.data()[i]).isCloseTo(gram[i], within(1e-4 + 1e-6 * Math.abs(gram[i])));
        assertThat(carried.at(i / width, i % width)).isEqualTo(carried.at(i % width, i / width));
      }
    }
  }

  @Test
  void scalesCarryMaximaExactlyAndRotationsDoNot() {
    double[] maxima = new Random(1).doubles(24, 0, 9).toArray();
    double[] carried = scale(24).carryAbsolute(maxima).orElseThrow();
    for (int j = 0; j < 24; j++) {
      assertThat(carried[j] * scale(24).scales()[j]).isCloseTo(maxima[j], within(1e-12));
    }
    assertThat(Rotation.of(24, 1).carryAbsolute(maxima)).isEmpty();
  }
}
