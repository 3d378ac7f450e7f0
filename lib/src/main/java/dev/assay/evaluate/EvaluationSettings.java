package dev.assay.evaluate;

import dev.assay.task.Dataset;
import dev.assay.task.ParaphraseSet;
import dev.assay.task.Split;
import java.io.Serializable;

/**
 * What the compressed models are evaluated on.
 *
 * @param task the task's name, empty where nothing is evaluated
 * @param data path of the folder with its files, empty for the paraphrase set that Assay ships
 * @param split which part of a GLUE task
 * @param rows at most so many rows, from the beginning; 0 for all
 * @param maxLength longest input in tokens; 0 for what the model can take
 * @param predictions whether single outputs are kept
 */
public record EvaluationSettings(
    String task, String data, Split split, int rows, int maxLength, boolean predictions)
    implements Serializable {
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

  Dataset limited(Dataset data) {
    return rows == 0 ? data : data.first(rows);
  }
}
