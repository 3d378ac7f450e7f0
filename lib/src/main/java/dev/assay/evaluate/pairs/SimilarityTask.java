package dev.assay.evaluate.pairs;

import dev.assay.checkpoint.Folder;
import dev.assay.evaluate.EvaluationSettings;
import dev.assay.evaluate.Inputs;
import dev.assay.evaluate.Request;
import dev.assay.evaluate.Task;
import dev.assay.evaluate.answers.Classified;
import dev.assay.evaluate.answers.Fidelities;
import dev.assay.evaluate.answers.Fidelity;
import dev.assay.evaluate.answers.Measure;
import dev.assay.evaluate.answers.Metric;
import dev.assay.evaluate.answers.Predictions;
import dev.assay.evaluate.answers.Scored;
import dev.assay.model.Tokenizer;
import dev.assay.task.Dataset;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * A task with similarity scores for a model of sentence embeddings: the cosine of a pair is its
 * score.
 *
 * @param pairs the pairs, with the published scores
 * @param metrics what is measured
 */
public record SimilarityTask(EmbeddedPairs pairs, List<Metric> metrics) implements Task {
  /** Copies the list. */
  public SimilarityTask {
    metrics = List.copyOf(metrics);
  }

  /**
   * Puts scored pairs to a model.
   *
   * @param model the checkpoint's folder
   * @throws dev.assay.InputException if the model's pooling is not the configuration's
   */
  public static Task of(
      Dataset data, List<Metric> metrics, EvaluationSettings settings, Folder model)
      throws IOException {
    return new SimilarityTask(EmbeddedPairs.of(data, settings, model), metrics);
  }

  @Override
  public Inputs inputs(Tokenizer tokenizer) {
    return pairs.inputs(tokenizer);
  }

  @Override
  public Request request() {
    return pairs.request();
  }

  @Override
  public String digest() {
    return pairs.data().sha256();
  }

  @Override
  public int fileInput(int input) {
    return pairs.fileInput(input);
  }

  @Override
  public List<String> treatments() {
    return pairs.treatments();
  }

  @Override
  public List<Measure> measures(Predictions outputs, long seed) {
    return Scored.of(pairs.data(), EmbeddedPairs.similarities(outputs)).measures(metrics, seed);
  }

  @Override
  public Optional<Classified> answers(Predictions outputs) {
    return Optional.empty();
  }

  @Override
  public Fidelities compare(Predictions dense, Predictions outputs) {
    return Fidelities.ofCosine(Fidelity.cosine(dense, outputs));
  }
}
