package dev.assay.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Folder;
import dev.assay.checkpoint.LocalFolder;
import dev.assay.checkpoint.Tensor;
import dev.assay.jobs.Checkpoints;
import dev.assay.jobs.LocalSpark;
import dev.assay.jobs.Repository;
import dev.assay.linalg.Blas;
import dev.assay.linalg.FactorizerKind;
import dev.assay.linalg.Factors;
import dev.assay.linalg.LocalFactorizer;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** MLlib against double-precision LAPACK, on weights that lie either way in their file. */
class MllibSvdTest {
  private static final String QUERY = "encoder.layer.2.attention.self.query.weight";
  private static final String TALL = "encoder.layer.0.intermediate.dense.weight";
  private static final String WIDE = "encoder.layer.5.output.dense.weight";
  private static final String DEFICIENT = "encoder.layer.90.output.dense.weight";
  private static final String ZERO = "encoder.layer.91.output.dense.weight";

  private static JavaSparkContext spark;

  /** The weights of {@link Repository#MINILM}, which lie in × out, as out × in; and odd ones. */
  @TempDir static Path outIn;

  @BeforeAll
  static void start() throws IOException {
    Map<String, Matrix> matrices = new TreeMap<>();
    for (String name : new String[] {QUERY, TALL, WIDE}) {
      Tensor tensor = tensor(Repository.MINILM, name);
      assertThat(tensor.layout()).isEqualTo(Tensor.Layout.IN_OUT);
      matrices.put(name, matrix(Repository.MINILM, tensor));
    }
    // Rank 20 of 64, up to rounding.
    matrices.put(
        DEFICIENT, Blas.multiply(Checkpoints.gaussian(96, 20, 1), Checkpoints.gaussian(20, 64, 2)));
    matrices.put(ZERO, Matrix.zeros(40, 24));
    Checkpoints.write(outIn, matrices);
    spark = JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext());
  }

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  @ParameterizedTest
  @CsvSource({
    "in × out, " + QUERY + ", 384, 384",
    "in × out, " + TALL + ", 1536, 384",
    "in × out, " + WIDE + ", 384, 1536",
    "out × in, " + QUERY + ", 384, 384",
    "out × in, " + TALL + ", 1536, 384",
    "out × in, " + WIDE + ", 384, 1536",
    "out × in, " + DEFICIENT + ", 96, 64"
  })
  void agreesWithLapack(String layout, String name, int rows, int cols) throws IOException {
    Path model = layout.equals("in × out") ? Repository.MINILM : outIn;
    Tensor tensor = tensor(model, name);
    Matrix w = matrix(model, tensor);
    assertThat(tensor.shape()).containsExactly(rows, cols);
    Factors oracle =
        LocalFactorizer.of(FactorizerKind.LAPACK_DOUBLE, 0).factorize(w, Math.min(rows, cols));
    Factors mllib = factorize(model, tensor);

    double[] sigma = oracle.sigma();
    assertThat(mllib.sigma()).hasSameSizeAs(sigma);
    for (int i = 0; i < sigma.length; i++) {
      assertThat(Math.abs(mllib.sigma()[i] - sigma[i]))
          .as("σ[%d]", i)
          .isLessThanOrEqualTo(1e-6 * sigma[0]);
    }
    assertThat(distance(mllib.product(mllib.rank()), w) / Math.sqrt(w.squaredNorm()))
        .isLessThan(1e-5);
    int compared = 0;
    for (int rank = 1; rank < sigma.length; rank++) {
      // Below 1e-4·σ₁, which only the deficient matrix has, all is rounding.
      if (sigma[rank - 1] > 1e-4 * sigma[0]
          && sigma[rank - 1] - sigma[rank] >= 1e-2 * sigma[rank - 1]) {
        assertThat(sine(oracle.u(), mllib.u(), rank)).as("U at %d", rank).isLessThan(1e-3);
        assertThat(sine(oracle.v(), mllib.v(), rank)).as("V at %d", rank).isLessThan(1e-3);
        compared++;
      }
    }
    assertThat(compared).as("subspaces with a clear gap").isPositive();
  }

  @Test
  void aZeroMatrixHasZeroFactors() throws IOException {
    Factors factors = factorize(outIn, tensor(outIn, ZERO));
    assertThat(factors.sigma()).hasSize(24).containsOnly(0);
    assertThat(factors.energy()).isZero();
    assertThat(factors.product(24)).isEqualTo(Matrix.zeros(40, 24));
  }

  @ParameterizedTest
  @CsvSource({QUERY, TALL, WIDE})
  void isTheSameToTheBitEveryTimeAndEitherWay(String name) throws IOException {
    Factors first = factorize(outIn, tensor(outIn, name));
    for (Factors again :
        new Factors[] {
          factorize(outIn, tensor(outIn, name)),
          factorize(Repository.MINILM, tensor(Repository.MINILM, name))
        }) {
      assertThat(again.sigma()).isEqualTo(first.sigma());
      assertThat(again.u()).isEqualTo(first.u());
      assertThat(again.v()).isEqualTo(first.v());
      assertThat(again.energy()).isEqualTo(first.energy());
    }
  }

  private static Factors factorize(Path model, Tensor tensor) {
    return new MllibSvd(spark, SerializableConfiguration.broadcast(spark.sc()), model.toString())
        .factorize(tensor);
  }

  private static Tensor tensor(Path model, String name) throws IOException {
    return Checkpoint.open(new LocalFolder(model)).matrix(name);
  }

  private static Matrix matrix(Path model, Tensor tensor) throws IOException {
    Folder folder = new LocalFolder(model);
    return Checkpoint.read(folder, tensor);
  }

  /**
   * ‖(I − AAᵀ)B‖_F over the first {@code rank} columns, which bounds the sine of the largest angle
   * between the two spans.
   */
  private static double sine(Matrix a, Matrix b, int rank) {
    Matrix first = leading(a, rank);
    Matrix second = leading(b, rank);
    return distance(Blas.multiply(first, Blas.transposedMultiply(first, second)), second);
  }

  private static Matrix leading(Matrix m, int count) {
    Matrix out = Matrix.zeros(m.rows(), count);
    for (int i = 0; i < m.rows(); i++) {
      System.arraycopy(m.data(), i * m.cols(), out.data(), i * count, count);
    }
    return out;
  }

  private static double distance(Matrix a, Matrix b) {
    double sum = 0;
    for (int i = 0; i < a.size(); i++) {
      double difference = (double) a.data()[i] - b.data()[i];
      sum += difference * difference;
    }
    return Math.sqrt(sum);
  }
}
