package dev.assay.jobs.steps.evaluate;

import dev.assay.evaluate.Inputs;
import dev.assay.evaluate.Request;
import dev.assay.evaluate.answers.Predictions;
import dev.assay.jobs.pool.TaskPool;
import dev.assay.jobs.store.EffectiveWeights;
import dev.assay.model.Model;
import dev.assay.plan.Trial;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Computes a shard of a task's inputs on one trial's model inside a task.
 *
 * @param weights where effective weights come from
 * @param shards all shards
 * @param request what is asked of the model
 * @param hadoop configuration for file systems
 */
record ShardEvaluation(
    EffectiveWeights weights,
    Broadcast<List<Inputs.Shard>> shards,
    Request request,
    Broadcast<SerializableConfiguration> hadoop)
    implements TaskPool.Body<ShardEvaluation.Task, ShardEvaluation.Outputs> {

  /** A model, by what its trial is known by, and the index of a shard. */
  sealed interface Task extends Serializable {
    String trialId();

    int shard();

    record Dense(String trialId, int shard) implements Task {}

    record Compressed(String trialId, Trial trial, int shard) implements Task {}
  }

  /**
   * What the model put out.
   *
   * @param trialId the trial
   * @param predictions of the shard's inputs
   * @param seconds time of the forward passes
   */
  record Outputs(String trialId, Predictions predictions, double seconds) implements Serializable {}

  @Override
  public String describe(Task task) {
    String model =
        task instanceof Task.Compressed compressed ? compressed.trial().name() : "the dense model";
    return model + ", shard " + task.shard();
  }

  @Override
  public Outputs run(Task task) throws IOException {
    Configuration conf = hadoop.value().value();
    TrialModels models = TrialModels.ofThisJvm();
    return task instanceof Task.Compressed compressed
        ? models.trial(
            task.trialId(), compressed.trial(), weights, conf, encoder -> outputs(task, encoder))
        : outputs(task, models.dense(weights.model(), conf));
  }

  private Outputs outputs(Task task, Model encoder) {
    List<List<Inputs.Input>> batches = shards.value().get(task.shard()).batches();
    int[] rows = batches.stream().flatMap(List::stream).mapToInt(Inputs.Input::number).toArray();
    float[][] values = new float[rows.length][];
    long start = System.nanoTime();
    int at = 0;
    for (List<Inputs.Input> batch : batches) {
      for (float[] answer : request.answers(encoder, batch)) {
        values[at++] = answer;
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Outputs(task.trialId(), Predictions.of(rows, values), seconds);
  }
}
