package dev.assay.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.assay.RealWeights;
import dev.assay.SharedFiles;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The promises on weights of a sentence transformer. */
class RealMatricesTest {
  private static final String QUERY = "encoder.layer.2.attention.self.query.weight";
  private static final String KEY = "encoder.layer.2.attention.self.key.weight";
  private static final String VALUE = "encoder.layer.2.attention.self.value.weight";

  @Test
  void lapackDoubleAgreesWithTheGoldenDecomposition() throws IOException {
    Path goldens = SharedFiles.require("goldens/svd/q.safetensors");
    Matrix w = RealWeights.matrix(QUERY);
    Factors factors = factorize(FactorizerKind.LAPACK_DOUBLE, w, 384);
    try (SafetensorsFile file = SafetensorsFile.open(goldens)) {
      double[] sigma = file.doubles("sigma");
      assertThat(factors.sigma()).hasSameSizeAs(sigma);
      for (int i = 0; i < sigma.length; i++) {
        assertThat(factors.sigma()[i] / sigma[i]).isCloseTo(1, within(1e-9));
      }
      Factors golden =
          Factors.of(
              file.matrix("U"),
              Arrays.copyOf(sigma, 192),
              file.matrix("V").transpose(),
              w.squaredNorm());
      for (int rank : new int[] {32, 96, 192}) {
        Matrix expected = golden.product(rank);
        assertThat(Matrices.distance(factors.product(rank), expected))
            .isLessThan(1e-6 * Math.sqrt(expected.squaredNorm()));
      }
    }
  }

  @Test
  void residualsAgreeWithTheGoldenErrors() {
    Matrix w = RealWeights.matrix(QUERY);
    Factors factors = factorize(FactorizerKind.LAPACK_DOUBLE, w, 384);
    double norm = Math.sqrt(w.squaredNorm());

    assertThat(Matrices.distance(factors.product(32), w) / norm)
        .isCloseTo(0.7649033996380109, within(1e-6));
    assertThat(factors.spectrum().residual(96) / norm).isCloseTo(0.497803785776661, within(1e-9));
    assertThat(factors.spectrum().residual(192) / norm)
        .isCloseTo(0.22517412540165924, within(1e-9));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        QUERY,
        KEY,
        VALUE,
        "encoder.layer.0.intermediate.dense.weight",
        "encoder.layer.5.output.dense.weight"
      })
  void singlePrecisionAndRandomizedKeepTheirPromises(String name) {
    Matrix w = RealWeights.matrix(name);
    Factors oracle = factorize(FactorizerKind.LAPACK_DOUBLE, w, 384);
    Factors single = factorize(FactorizerKind.LAPACK, w, 384);

    double[] sigma = oracle.sigma();
    for (int i = 0; i < sigma.length && sigma[i] > 1e-4 * sigma[0]; i++) {
      assertThat(single.sigma()[i] / sigma[i]).isCloseTo(1, within(1e-5));
    }
    int compared = assertSubspaces(oracle, single, 383);
    assertThat(compared).as("subspaces with a clear gap").isPositive();
    for (int rank : new int[] {8, 32, 96, 192}) {
      Factors randomized = factorize(FactorizerKind.RANDOMIZED, w, rank);
      assertThat(Matrices.distance(randomized.product(rank), w))
          .as("residual at rank %d", rank)
          .isLessThanOrEqualTo(1.01 * oracle.spectrum().residual(rank));
    }
  }

  /** Largest angle between the leading subspaces, wherever (σᵣ − σᵣ₊₁)/σᵣ is at least 1e-2. */
  private static int assertSubspaces(Factors oracle, Factors other, int ranks) {
    double[] sigma = oracle.sigma();
    int compared = 0;
    for (int rank = 1; rank <= ranks; rank++) {
      if (sigma[rank - 1] - sigma[rank] >= 1e-2 * sigma[rank - 1]) {
        assertThat(sine(oracle.u(), other.u(), rank)).as("U at rank %d", rank).isLessThan(1e-3);
        assertThat(sine(oracle.v(), other.v(), rank)).as("V at rank %d", rank).isLessThan(1e-3);
        compared++;
      }
    }
    return compared;
  }

  /**
   * ‖(I − AAᵀ)B‖_F over the first {@code rank} columns, which bounds the sine of the largest angle
   * between the two spans.
   */
  private static double sine(Matrix a, Matrix b, int rank) {
    Matrix first = leading(a, rank);
    Matrix second = leading(b, rank);
    Matrix inside = Blas.multiply(first, Blas.transposedMultiply(first, second));
    return Matrices.distance(inside, second);
  }

  private static Matrix leading(Matrix m, int count) {
    Matrix out = Matrix.zeros(m.rows(), count);
    for (int i = 0; i < m.rows(); i++) {
      System.arraycopy(m.data(), i * m.cols(), out.data(), i * count, count);
    }
    return out;
  }

  @ParameterizedTest
  @ValueSource(strings = {QUERY, KEY, VALUE})
  void eckartYoungHoldsAtEveryRank(String name) {
    Matrix w = RealWeights.matrix(name);
    Factors factors = factorize(FactorizerKind.LAPACK_DOUBLE, w, 384);
    double norm = Math.sqrt(w.squaredNorm());

    for (int rank = 0; rank <= 384; rank++) {
      assertThat(Matrices.distance(factors.product(rank), w))
          .isCloseTo(factors.spectrum().residual(rank), within(1e-6 * norm));
    }
  }

  private static Factors factorize(FactorizerKind kind, Matrix w, int rank) {
    return LocalFactorizer.of(kind, 20).factorize(w, rank);
  }
}
