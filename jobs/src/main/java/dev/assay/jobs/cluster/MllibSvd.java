package dev.assay.jobs.cluster;

import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Tensor;
import dev.assay.linalg.Factors;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.mllib.linalg.SingularValueDecomposition;
import org.apache.spark.mllib.linalg.Vector;
import org.apache.spark.mllib.linalg.Vectors;
import org.apache.spark.mllib.linalg.distributed.RowMatrix;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Singular value decomposition by MLlib's {@code RowMatrix.computeSVD} on a distributed matrix:
 * every task reads its own rows of the weight from the checkpoint. The weight lies with its longer
 * side along the rows, so that the Gram matrix is min(out, in) square.
 *
 * <p>The mode is {@code local-svd}: the Gram matrix is summed on the executors and decomposed by
 * LAPACK on the driver. Left to itself MLlib runs ARPACK with one Spark job per step, 20 to 200
 * times slower for the matrices of a transformer. Squaring the matrix loses singular values below
 * about 1e-8·σ₁; those below 1e-9·σ₁ are returned as 0 with zero vectors.
 *
 * <p>Up to two partitions the sums are in a fixed order. A weight of more than 16 Mi entries has
 * more partitions and MLlib adds their partial sums in the order of arrival, so that repeated runs
 * agree to about 1e-15·σ₁ rather than to the bit.
 *
 * <p>Driver memory: min(out, in)² doubles for the Gram matrix, and the factors.
 */
public final class MllibSvd {
  private static final double SMALLEST = 1e-9;
  private static final long ENTRIES_PER_PARTITION = 8L << 20;

  private final JavaSparkContext spark;
  private final Broadcast<SerializableConfiguration> hadoop;
  private final String model;

  /**
   * A factorizer for the weights of one checkpoint.
   *
   * @param hadoop configuration for tasks
   * @param model path of the checkpoint's folder
   */
  public MllibSvd(
      JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop, String model) {
    this.spark = spark;
    this.hadoop = hadoop;
    this.model = model;
  }

  /** Factorizes a weight (out × in) into all its min(out, in) singular triples. */
  public Factors factorize(Tensor weight) {
    boolean wide = weight.rows() < weight.cols();
    Tensor tall = wide ? weight.transposed() : weight;
    JavaRDD<Vector> rows = rows(tall);
    double energy = rows.mapToDouble(row -> Math.pow(Vectors.norm(row, 2), 2)).sum();
    if (energy == 0) {
      return zero(weight);
    }
    SingularValueDecomposition<RowMatrix, org.apache.spark.mllib.linalg.Matrix> svd =
        new RowMatrix(rows.rdd(), tall.rows(), tall.cols())
            .computeSVD(tall.cols(), true, SMALLEST, 300, 1e-10, "local-svd");
    double[] sigma = new double[tall.cols()];
    double[] found = svd.s().toArray();
    System.arraycopy(found, 0, sigma, 0, found.length);
    Matrix left = collect(svd.U().rows().toJavaRDD().collect(), tall.rows(), tall.cols());
    Matrix right = Matrix.zeros(tall.cols(), tall.cols());
    for (int i = 0; i < tall.cols(); i++) {
      for (int k = 0; k < found.length; k++) {
        right.data()[i * tall.cols() + k] = (float) svd.V().apply(i, k);
      }
    }
    return wide ? Factors.of(right, sigma, left, energy) : Factors.of(left, sigma, right, energy);
  }

  private JavaRDD<Vector> rows(Tensor tall) {
    int parts = (int) Math.min(tall.rows(), Math.max(2, tall.size() / ENTRIES_PER_PARTITION));
    List<int[]> ranges = new ArrayList<>();
    for (int part = 0; part < parts; part++) {
      int first = (int) ((long) tall.rows() * part / parts);
      int end = (int) ((long) tall.rows() * (part + 1) / parts);
      ranges.add(new int[] {first, end - first});
    }
    String path = model;
    Broadcast<SerializableConfiguration> conf = hadoop;
    return spark
        .parallelize(ranges, parts)
        .flatMap(range -> read(path, conf.value(), tall, range[0], range[1]).iterator());
  }

  private static List<Vector> read(
      String path, SerializableConfiguration conf, Tensor tall, int first, int count)
      throws IOException {
    Matrix block = Checkpoint.readRows(HadoopFolder.open(path, conf.value()), tall, first, count);
    List<Vector> vectors = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      double[] row = new double[block.cols()];
      for (int j = 0; j < row.length; j++) {
        row[j] = block.at(i, j);
      }
      vectors.add(Vectors.dense(row));
    }
    return vectors;
  }

  private static Matrix collect(List<Vector> rows, int count, int rank) {
    Matrix matrix = Matrix.zeros(count, rank);
    for (int i = 0; i < count; i++) {
      double[] row = rows.get(i).toArray();
      for (int k = 0; k < row.length; k++) {
        matrix.data()[i * rank + k] = (float) row[k];
      }
    }
    return matrix;
  }

  private static Factors zero(Tensor weight) {
    int rank = Math.min(weight.rows(), weight.cols());
    return Factors.of(
        Matrix.zeros(weight.rows(), rank), new double[rank], Matrix.zeros(weight.cols(), rank), 0);
  }
}
