package dev.assay.evaluate;

import dev.assay.evaluate.answers.Classified;
import dev.assay.evaluate.answers.Fidelities;
import dev.assay.evaluate.answers.Measure;
import dev.assay.evaluate.answers.Predictions;
import dev.assay.model.Tokenizer;
import java.util.List;
import java.util.Optional;

/**
 * A task put to a model: what goes in, what the model is asked for, and a judge of what comes out.
 *
 * <p>The inputs are numbered from 0, and predictions carry these numbers. How many inputs make a
 * row of the data, and how many numbers answer an input, is the task's own affair.
 */
public interface Task {
  /** Everything that the model reads. */
  Inputs inputs(Tokenizer tokenizer);

  /** What the model is asked for, input by input. */
  Request request();

  /** SHA-256 of the data. */
  String digest();

  /** The number that an input has among those of all rows of the data's file. */
  int fileInput(int input);

  /** What reading the data decided that a reader of results should know. */
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
