package dev.assay.evaluate;

import dev.assay.model.Pooling;
import dev.assay.task.Dataset;
import dev.assay.task.ParaphraseSet;
import dev.assay.task.Split;
import java.util.Optional;

/**
 * What the compressed models are evaluated on.
 *
 * @param task the task's name, empty where nothing is evaluated
 * @param data path of the folder with its files, empty for the paraphrase set that Assay ships
 * @param split which part of a GLUE task
 * @param rows at most so many rows, drawn at random; 0 for all
 * @param maxLength longest input in tokens; 0 for what the model can take
 * @param pooling of embeddings; empty for what the model says
 * @param prefix what stands before every text that is embedded
 * @param predictions whether single outputs are kept
 */
public record EvaluationSettings(
    String task,
    String data,
    Split split,
    int rows,
    int maxLength,
    Optional<Pooling> pooling,
    String prefix,
    boolean predictions) {
  /** The file of the paraphrase set. */
  public static final String PARAPHRASES = "paraphrases.tsv";

  /** Whether anything is evaluated. */
  public boolean wanted() {
    return !task.isEmpty();
  }

  /** The part of the data that models are judged by. */
  public String part() {
    return task.equals(ParaphraseSet.ID) ? "test" : split.id();
  }

  /** The same on every row. */
  public EvaluationSettings onAllRows() {
    return new EvaluationSettings(task, data, split, 0, maxLength, pooling, prefix, predictions);
  }

  Dataset limited(Dataset whole, long seed) {
    return rows == 0 ? whole : whole.sample(rows, seed);
  }
}
