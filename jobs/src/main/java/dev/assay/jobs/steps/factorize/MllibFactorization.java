package dev.assay.jobs.steps.factorize;

import breeze.linalg.NotConvergedException;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Tensor;
import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.jobs.cluster.MllibSvd;
import dev.assay.jobs.pool.LostTask;
import dev.assay.jobs.pool.TaskPool;
import dev.assay.jobs.run.SweepContext;
import dev.assay.linalg.FactorizerKind;
import dev.assay.linalg.Factors;
import dev.assay.linalg.LocalFactorizer;
import dev.assay.plan.Plan.FactorTask;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
    try {
      spark.setJobDescription(
          "factorize " + task.weight().name() + " of " + context.labels().model() + " by mllib");
      Reference reference = reference(task.weight());
      if (reference instanceof Reference.Impossible reason) {
        return new Factorized.Failed(task.id(), reason.errorClass(), reason.message());
      }
      double[] expected = ((Reference.Found) reference).sigma();
      return Factorized.Stored.compared(
          task, context.labels(), factors(task), REFERENCE.id(), expected);
    } catch (NotConvergedException e) {
      return Factorized.Failed.of(task, e);
    } catch (Exception e) {
      Optional<LostTask.At> lost = LostTask.of(e);
      if (lost.isPresent()) {
        return Factorized.Failed.of(task, lost.get().why());
      }
      throw e;
    } finally {
      spark.setJobDescription(null);
    }
  }

  private Factors factors(FactorTask task) throws IOException {
    Configuration conf = context.spark().hadoopConfiguration();
    if (context.factors().contains(task.id(), conf)) {
      return context.factors().read(task.id(), conf);
    }
    Factors factors =
        new MllibSvd(context.spark(), context.hadoop(), context.model()).factorize(task.weight());
    context.factors().write(task.id(), factors, conf);
    return factors;
  }

  private Reference reference(Tensor weight) throws IOException {
    List<Reference> found = new ArrayList<>();
    new TaskPool(context.spark())
        .run(
            "singular values of " + weight.name() + " for comparison",
            List.of(weight),
            new ReferenceValues(context.model(), context.hadoop()),
            (tensor, reference) -> found.add(reference),
            (tensor, why) -> found.add(new Reference.Impossible(why.errorClass(), why.message())),
            () -> !Thread.currentThread().isInterrupted());
    if (found.isEmpty()) {
      throw new InterruptedIOException("Interrupted while singular values were computed");
    }
    return found.get(0);
  }

  /** The task that computes them. */
  private record ReferenceValues(String model, Broadcast<SerializableConfiguration> hadoop)
      implements TaskPool.Body<Tensor, Reference> {
    @Override
    public Reference run(Tensor weight) throws IOException {
      return Reference.of(model, hadoop.value(), weight);
    }

    @Override
    public String describe(Tensor weight) {
      return "singular values of " + weight.name();
    }
  }

  /** Singular values, or why there are none. */
  private sealed interface Reference extends Serializable {
    record Found(double[] sigma) implements Reference {}

    record Impossible(String errorClass, String message) implements Reference {}

    static Reference of(String model, SerializableConfiguration hadoop, Tensor weight)
        throws IOException {
      try {
        Matrix matrix = Checkpoint.read(HadoopFolder.open(model, hadoop.value()), weight);
        int full = Math.min(weight.rows(), weight.cols());
        return new Found(LocalFactorizer.of(REFERENCE, 0).factorize(matrix, full).sigma());
      } catch (UncheckedIOException e) {
        throw e;
      } catch (RuntimeException e) {
        return new Impossible(e.getClass().getSimpleName(), e.getMessage());
      }
    }
  }
}
