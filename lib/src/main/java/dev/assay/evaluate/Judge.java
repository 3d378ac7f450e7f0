package dev.assay.evaluate;

import dev.assay.task.Measure;
import dev.assay.task.Predictions;
import java.util.List;

/**
 * A task put to a kind of model: the texts that go in, and how what comes out is judged. The inputs
 * are numbered from 0, and predictions carry these numbers.
 */
public sealed interface Judge
    permits ClassificationJudge, ParaphraseJudge, RegressionJudge, SimilarityJudge {
  /** What the model is asked for. */
  enum Output {
    /** The outputs of its head. */
    LOGITS,
    /** Sentence embeddings. */
    EMBEDDINGS
  }

  /** The texts of every input: one, or a pair that goes in together. */
  List<List<String>> inputs();

  /** What the model is asked for. */
  Output output();

  /** Digest of the file that the inputs are from. */
  String sha256();

  /** What reading and label mapping decided that a reader of results should know. */
  List<String> treatments();

  /**
   * Measures a model.
   *
   * @param outputs of every input
   * @param seed of bootstrap intervals
   * @return the task's metrics, the first being the one it is usually judged by
   */
  List<Measure> measures(Predictions outputs, long seed);

  /**
   * Compares a compressed model with the dense one.
   *
   * @param dense outputs of the dense model
   * @param outputs of the compressed model
   */
  Fidelities compare(Predictions dense, Predictions outputs);
}
