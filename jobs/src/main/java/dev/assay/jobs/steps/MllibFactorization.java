package dev.assay.jobs.steps;

import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Tensor;
import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.jobs.cluster.MllibSvd;
import dev.assay.linalg.FactorizerKind;
import dev.assay.linalg.Factors;
import dev.assay.linalg.LocalFactorizer;
import dev.assay.linalg.NumericalException;
import dev.assay.sweep.Plan.FactorTask;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Factorizes one matrix by MLlib, submitted from the driver, and compares its singular values with
 * double-precision LAPACK, which one task computes.
 */
final class MllibFactorization {
  private static final FactorizerKind REFERENCE = FactorizerKind.LAPACK_DOUBLE;

  private final SweepContext context;

  MllibFactorization(SweepContext context) {
    this.context = context;
  }

  Factorized run(FactorTask task) throws IOException {
    JavaSparkContext spark = context.spark();
    Configuration conf = spark.hadoopConfiguration();
    try {
      spark.setJobDescription("factorize " + task.weight().name() + " by mllib");
      Reference reference = reference(task.weight());
      if (!reference.failure().isEmpty()) {
        String kind = NumericalException.class.getSimpleName();
        return new Factorized.Failed(task.id(), kind, reference.failure());
      }
      Factors factors;
      if (context.factors().contains(task.id(), conf)) {
        factors = context.factors().read(task.id(), conf);
      } else {
        factors = new MllibSvd(spark, context.hadoop(), context.model()).factorize(task.weight());
        context.factors().write(task.id(), factors, conf);
      }
      return Factorized.Stored.compared(
          task, context.labels(), factors, REFERENCE.id(), reference.sigma());
    } finally {
      spark.setJobDescription(null);
    }
  }

  private Reference reference(Tensor weight) {
    String model = context.model();
    Broadcast<SerializableConfiguration> hadoop = context.hadoop();
    return context
        .spark()
        .parallelize(List.of(weight), 1)
        .map(tensor -> Reference.of(model, hadoop.value(), tensor))
        .first();
  }

  /** Singular values, or why there are none. */
  private record Reference(double[] sigma, String failure) implements java.io.Serializable {
    static Reference of(String model, SerializableConfiguration hadoop, Tensor weight)
        throws IOException {
      try {
        Factors factors =
            LocalFactorizer.of(REFERENCE, 0)
                .factorize(
                    Checkpoint.read(HadoopFolder.open(model, hadoop.value()), weight),
                    Math.min(weight.rows(), weight.cols()));
        return new Reference(factors.sigma(), "");
      } catch (NumericalException e) {
        return new Reference(new double[0], e.getMessage());
      }
    }
  }
}
