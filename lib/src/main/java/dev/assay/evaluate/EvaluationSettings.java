package dev.assay.evaluate;

import dev.assay.model.Pooling;
import dev.assay.task.Dataset;
import dev.assay.task.Split;
import java.util.Optional;

/**
 * What the compressed models are evaluated on.
 *
 * @param task the task's name, empty where nothing is evaluated
 * @param data path of the folder with its files, empty for data that Assay ships
 * @param split which part of the data, where the task lets choose
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
  /** Whether anything is evaluated. */
  public boolean wanted() {
    return !task.isEmpty();
  }

  /**
   * What kind of task it is.
   *
   * @throws dev.assay.InputException if there is none of that name
   */
  public TaskKind kind() {
    return Tasks.of(task);
  }

  /** The part of the data that models are judged by. */
  public String part() {
    return kind().part(split);
  }

  /** The same on every row. */
  public EvaluationSettings onAllRows() {
    return new EvaluationSettings(task, data, split, 0, maxLength, pooling, prefix, predictions);
  }

  /**
   * As many rows as are wanted.
   *
   * @param seed which
   */
  public Dataset limited(Dataset whole, long seed) {
    return rows == 0 ? whole : whole.sample(rows, seed);
  }
}
