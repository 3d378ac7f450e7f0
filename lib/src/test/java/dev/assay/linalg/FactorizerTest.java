package dev.assay.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.tensor.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class FactorizerTest {
  private static final List<FactorizerKind> LOCAL =
      Arrays.stream(FactorizerKind.values()).filter(FactorizerKind::isLocal).toList();

  /** Slowly and fast decaying, deficient, clustered; tall, wide, square, and single lines. */
  private static Stream<Arguments> matrices() {
    double[] deficient = new double[24];
    Arrays.setAll(deficient, i -> i < 7 ? 10.0 / (i + 1) : 0);
    double[] geometric = new double[30];
    Arrays.setAll(geometric, i -> Math.pow(0.75, i));
    List<Arguments> out = new ArrayList<>();
    for (FactorizerKind kind : LOCAL) {
      out.add(Arguments.of(kind, "square", Matrices.gaussian(40, 40, 1)));
      out.add(Arguments.of(kind, "tall", Matrices.gaussian(90, 20, 2)));
      out.add(Arguments.of(kind, "very tall", Matrices.gaussian(700, 3, 3)));
      out.add(Arguments.of(kind, "wide", Matrices.gaussian(20, 90, 4)));
      out.add(Arguments.of(kind, "row", Matrices.gaussian(1, 17, 5)));
      out.add(Arguments.of(kind, "column", Matrices.gaussian(17, 1, 6)));
      out.add(Arguments.of(kind, "scalar", Matrix.of(1, 1, new float[] {-2})));
      out.add(Arguments.of(kind, "zero", Matrix.zeros(6, 9)));
      out.add(Arguments.of(kind, "deficient", Matrices.withSpectrum(24, 50, deficient, 7)));
      out.add(Arguments.of(kind, "geometric", Matrices.withSpectrum(60, 30, geometric, 8)));
      out.add(Arguments.of(kind, "constant", constant()));
    }
    return out.stream();
  }

  private static Matrix constant() {
    Matrix m = Matrix.zeros(12, 8);
    Arrays.fill(m.data(), 3);
    return m;
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("matrices")
  void agreesWithJacobiAtFullRank(FactorizerKind kind, String name, Matrix w) {
    Matrix before = w.copy();
    int size = Math.min(w.rows(), w.cols());
    Factors factors = LocalFactorizer.of(kind, 11).factorize(w, size);
    double[] expected = JacobiSvd.of(w).sigma();
    double scale = Math.max(expected[0], 1e-30);

    assertThat(w).as("the input").isEqualTo(before);
    assertThat(factors.rank()).isEqualTo(size);
    for (int i = 0; i < size; i++) {
      double tolerance = kind == FactorizerKind.LAPACK_DOUBLE ? 1e-14 : 1e-6;
      assertThat(factors.sigma()[i]).isCloseTo(expected[i], within(tolerance * scale));
    }
    assertThat(Matrices.deviationFromOrthonormal(factors.u())).isLessThan(5e-6);
    assertThat(Matrices.deviationFromOrthonormal(factors.v())).isLessThan(5e-6);
    assertThat(Matrices.distance(factors.product(size), w)).isLessThan(5e-6 * scale);
    assertThat(factors.energy()).isEqualTo(w.squaredNorm());
    assertSigns(factors);
  }

  private static void assertSigns(Factors factors) {
    for (int j = 0; j < factors.rank(); j++) {
      double[] column = Matrices.column(factors.u(), j);
      double largest = Arrays.stream(column).map(Math::abs).max().orElseThrow();
      double first =
          Arrays.stream(column).filter(x -> Math.abs(x) == largest).findFirst().orElseThrow();
      assertThat(first).isNotNegative();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LAPACK", "LAPACK_DOUBLE"})
  void everyRankIsTheBestApproximation(FactorizerKind kind) {
    Matrix w = Matrices.gaussian(33, 21, 9);
    Factors factors = LocalFactorizer.of(kind, 0).factorize(w, 1);
    double[] sigma = JacobiSvd.of(w).sigma();
    double tail = 0;

    for (int rank = sigma.length; rank >= 0; rank--) {
      assertThat(Matrices.distance(factors.product(rank), w))
          .isCloseTo(Math.sqrt(tail), within(1e-5 * sigma[0]));
      assertThat(factors.spectrum().residual(rank))
          .isCloseTo(Math.sqrt(tail), within(1e-7 * sigma[0]));
      if (rank > 0) {
        tail += sigma[rank - 1] * sigma[rank - 1];
      }
    }
  }

  /** σ from 1 down to 1e-4: where plain {@code sgesdd} keeps three digits. */
  @Test
  void lapackRefinesSmallSingularValues() {
    double[] spectrum = new double[48];
    Arrays.setAll(spectrum, i -> Math.pow(10, -4.0 * i / 47));
    Matrix w = Matrices.withSpectrum(48, 64, spectrum, 12);
    double[] expected = JacobiSvd.of(w).sigma();
    double[] actual = LocalFactorizer.of(FactorizerKind.LAPACK, 0).factorize(w, 48).sigma();

    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i] / expected[i]).isCloseTo(1, within(1e-6));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LAPACK", "LAPACK_DOUBLE", "RANDOMIZED"})
  void singularVectorsAgreeWithJacobiWhereTheGapIsClear(FactorizerKind kind) {
    double[] spectrum = {10, 8, 6, 4, 1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3};
    Matrix w = Matrices.withSpectrum(40, 30, spectrum, 13);
    Factors factors = LocalFactorizer.of(kind, 5).factorize(w, 4);
    JacobiSvd oracle = JacobiSvd.of(w);

    for (int i = 0; i < 4; i++) {
      double cosU = Matrices.dot(oracle.left()[i], Matrices.column(factors.u(), i));
      double cosV = Matrices.dot(oracle.right()[i], Matrices.column(factors.v(), i));
      assertThat(sine(cosU)).isLessThan(1e-3);
      assertThat(sine(cosV)).isLessThan(1e-3);
      assertThat(Math.signum(cosU)).as("signs flip together").isEqualTo(Math.signum(cosV));
    }
  }

  private static double sine(double cosine) {
    return Math.sqrt(Math.max(0, 1 - cosine * cosine));
  }

  @Test
  void randomizedReturnsTheRankAskedFor() {
    double[] slow = new double[120];
    Arrays.setAll(slow, i -> 1 / Math.sqrt(1 + i));
    Matrix w = Matrices.withSpectrum(160, 120, slow, 14);
    Factors best = LocalFactorizer.of(FactorizerKind.LAPACK_DOUBLE, 0).factorize(w, 120);

    for (int rank : new int[] {1, 8, 30, 60, 119}) {
      Factors factors = LocalFactorizer.of(FactorizerKind.RANDOMIZED, 3).factorize(w, rank);
      assertThat(factors.rank()).isEqualTo(rank);
      assertThat(factors.energy()).isEqualTo(w.squaredNorm());
      assertThat(Matrices.distance(factors.product(rank), w))
          .isLessThanOrEqualTo(1.01 * best.spectrum().residual(rank));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LAPACK", "LAPACK_DOUBLE", "RANDOMIZED"})
  void theSameBitsOnEveryCallAndThread(FactorizerKind kind) throws Exception {
    Matrix w = Matrices.gaussian(150, 101, 15);
    Factors first = LocalFactorizer.of(kind, 42).factorize(w, 20);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Factors>> others = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        int padding = 8 * i + 1;
        others.add(
            threads.submit(
                () -> {
                  // Arrays at other addresses, so that kernels see other alignments.
                  byte[] shift = new byte[padding];
                  Matrix copy = w.copy();
                  Factors factors = LocalFactorizer.of(kind, 42).factorize(copy, 20);
                  assertThat(shift).hasSize(padding);
                  return factors;
                }));
      }
      for (Future<Factors> other : others) {
        Factors factors = other.get();
        assertThat(factors.u()).isEqualTo(first.u());
        assertThat(factors.sigma()).isEqualTo(first.sigma());
        assertThat(factors.v()).isEqualTo(first.v());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void anotherSeedIsAnotherTestMatrix() {
    Matrix w = Matrices.gaussian(60, 50, 16);
    Factors one = LocalFactorizer.of(FactorizerKind.RANDOMIZED, 1).factorize(w, 5);
    Factors two = LocalFactorizer.of(FactorizerKind.RANDOMIZED, 2).factorize(w, 5);

    assertThat(one.u()).isNotEqualTo(two.u());
  }

  @ParameterizedTest
  @EnumSource(names = {"LAPACK", "LAPACK_DOUBLE", "RANDOMIZED"})
  void badInputIsNamed(FactorizerKind kind) {
    LocalFactorizer factorizer = LocalFactorizer.of(kind, 1);
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      Matrix w = Matrices.gaussian(5, 4, 17);
      w.data()[6] = bad;
      assertThatThrownBy(() -> factorizer.factorize(w, 2))
          .isInstanceOf(NumericalException.class)
          .hasMessageContaining("5 × 4")
          .hasMessageContaining("[1, 2] is " + bad);
    }
    Matrix w = Matrices.gaussian(5, 4, 17);
    assertThatThrownBy(() -> factorizer.factorize(w, 0)).hasMessageContaining("Rank 0");
    assertThatThrownBy(() -> factorizer.factorize(w, 5)).hasMessageContaining("Rank 5 of a 5 × 4");
    assertThatThrownBy(() -> factorizer.factorize(Matrix.zeros(0, 4), 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
