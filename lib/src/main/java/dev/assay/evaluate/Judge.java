package dev.assay.evaluate;

import dev.assay.task.Classified;
import dev.assay.task.Dataset;
import dev.assay.task.Example;
import dev.assay.task.Measure;
import dev.assay.task.Predictions;
import dev.assay.task.Similarity;
import java.util.List;
import java.util.Optional;

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

  /** What the model is asked for. */
  Output output();

  /** The task's rows. */
  Dataset data();

  /**
   * The texts of every input: one, or a pair that goes in together. Where embeddings are asked for,
   * the texts of a pair are inputs one by one, numbered as {@link Similarity} expects.
   */
  default List<List<String>> inputs() {
    List<List<String>> rows = data().examples().stream().map(Example::texts).toList();
    return output() == Output.LOGITS
        ? rows
        : rows.stream().flatMap(List::stream).map(List::of).toList();
  }

  /** The number that an input has among those of all rows of the file. */
  default int fileInput(int input) {
    List<Integer> rows = data().fileRows();
    return output() == Output.LOGITS ? rows.get(input) : 2 * rows.get(input / 2) + input % 2;
  }

  /** What reading and label mapping decided that a reader of results should know. */
  default List<String> treatments() {
    return data().treatments();
  }

  /**
   * Measures a model.
   *
   * @param outputs of every input
   * @param seed of bootstrap intervals
   * @return the task's metrics, the first being the one it is usually judged by
   */
  List<Measure> measures(Predictions outputs, long seed);

  /**
   * A model's answers to the rows that it is judged by; empty where they are scores.
   *
   * @param outputs of every input
   */
  Optional<Classified> answers(Predictions outputs);

  /**
   * Compares a compressed model with the dense one.
   *
   * @param dense outputs of the dense model
   * @param outputs of the compressed model
   */
  Fidelities compare(Predictions dense, Predictions outputs);
}
