package dev.assay.jobs.bench;

import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Tensor;
import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.jobs.cluster.MllibSvd;
import dev.assay.linalg.FactorizerKind;
import dev.assay.linalg.Factors;
import dev.assay.linalg.LocalFactorizer;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.mllib.linalg.Vector;
import org.apache.spark.mllib.linalg.Vectors;
import org.apache.spark.mllib.linalg.distributed.RowMatrix;
import org.apache.spark.util.SerializableConfiguration;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Rank-64 factors of one matrix of the quickstart's model, by every factorizer and, as the peer, by
 * {@code RowMatrix.computeSVD} as MLlib calls it when left to itself.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3)
@Measurement(iterations = 7)
public class FactorizerBenchmark {
  private static final int RANK = 64;

  /** The matrix: square (384 × 384) or tall (1536 × 384). */
  @Param({
    "encoder.layer.2.attention.self.query.weight",
    "encoder.layer.2.intermediate.dense.weight"
  })
  public String tensor;

  private JavaSparkContext spark;
  private Tensor weight;
  private Matrix matrix;
  private MllibSvd mllib;

  @Setup(Level.Trial)
  public void open() throws IOException {
    spark = new JavaSparkContext(new SparkConf().setMaster("local[2]").setAppName("bench"));
    String model = System.getProperty("assay.model");
    HadoopFolder folder = HadoopFolder.open(model, spark.hadoopConfiguration());
    weight = Checkpoint.open(folder).matrix(tensor);
    matrix = Checkpoint.read(folder, weight);
    mllib = new MllibSvd(spark, SerializableConfiguration.broadcast(spark.sc()), model);
  }

  @TearDown(Level.Trial)
  public void close() {
    spark.close();
  }

  @Benchmark
  public Factors lapack() {
    return local(FactorizerKind.LAPACK);
  }

  @Benchmark
  public Factors lapackDouble() {
    return local(FactorizerKind.LAPACK_DOUBLE);
  }

  @Benchmark
  public Factors randomized() {
    return local(FactorizerKind.RANDOMIZED);
  }

  @Benchmark
  public Factors mllib() {
    return mllib.factorize(weight);
  }

  /** The peer. */
  @Benchmark
  public Object mllibLeftToItself() {
    List<Vector> rows = new ArrayList<>();
    for (int i = 0; i < matrix.rows(); i++) {
      double[] row = new double[matrix.cols()];
      for (int j = 0; j < row.length; j++) {
        row[j] = matrix.at(i, j);
      }
      rows.add(Vectors.dense(row));
    }
    return new RowMatrix(spark.parallelize(rows, 2).cache().rdd())
        .computeSVD(RANK, true, 1e-9)
        .s();
  }

  private Factors local(FactorizerKind kind) {
    return LocalFactorizer.of(kind, 1).factorize(matrix, RANK);
  }
}
