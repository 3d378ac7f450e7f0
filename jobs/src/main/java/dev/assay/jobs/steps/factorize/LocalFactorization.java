package dev.assay.jobs.steps.factorize;

import dev.assay.checkpoint.Checkpoint;
import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.jobs.pool.TaskPool;
import dev.assay.jobs.run.ModelLabels;
import dev.assay.jobs.store.FactorStore;
import dev.assay.linalg.Factors;
import dev.assay.linalg.LocalFactorizer;
import dev.assay.plan.Ids;
import dev.assay.plan.Plan.FactorTask;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Factorizes one matrix inside a task: reads it by byte range, decomposes it on one thread, and
 * puts the factors into the store. Factors that are there already are not computed again.
 *
 * @param model path of the checkpoint
 * @param labels what the model is called
 * @param store where factors go
 * @param hadoop configuration for file systems
 * @param userSeed the user's seed
 */
record LocalFactorization(
    String model,
    ModelLabels labels,
    FactorStore store,
    Broadcast<SerializableConfiguration> hadoop,
    long userSeed)
    implements TaskPool.Body<FactorTask, Factorized> {

  @Override
  public String describe(FactorTask task) {
    return "factors of " + task.weight().name() + " by " + task.factorization().factorizer().id();
  }

  @Override
  public double estimate(FactorTask task) {
    return task.work().seconds();
  }

  @Override
  public Factorized run(FactorTask task) throws IOException {
    Configuration conf = hadoop.value().value();
    if (store.contains(task.id(), conf)) {
      return Factorized.Stored.of(task, labels, store.read(task.id(), conf));
    }
    try {
      Matrix weight = Checkpoint.read(HadoopFolder.open(model, conf), task.weight());
      long seed = Ids.seed(userSeed, "factors", task.weight().identity());
      Factors factors =
          LocalFactorizer.of(task.factorization().factorizer(), seed)
              .factorize(weight, task.factorization().rank());
      store.write(task.id(), factors, conf);
      return Factorized.Stored.of(task, labels, factors);
    } catch (UncheckedIOException e) {
      throw e;
    } catch (RuntimeException e) {
      // What one matrix does to a decomposition must not end the sweep of the others.
      return Factorized.Failed.of(task, e);
    }
  }
}
