package dev.assay.task;

import java.io.Serializable;
import java.util.List;

/**
 * One labelled row of a task.
 *
 * @param row position in the data set, from 0; what its prediction is found by
 * @param texts one text or a pair, exactly as in the file, empty where the file has it so
 * @param target the number of the class, or the score of a regression task
 */
public record Example(int row, List<String> texts, double target) implements Serializable {
  /** Copies the list. */
  public Example {
    texts = List.copyOf(texts);
    if (texts.isEmpty() || texts.size() > 2) {
      throw new IllegalArgumentException("One text or two, not " + texts.size());
    }
  }

  /** The first or only text. */
  public String first() {
    return texts.get(0);
  }

  /**
   * The second text of a pair.
   *
   * @throws IndexOutOfBoundsException if there is only one
   */
  public String second() {
    return texts.get(1);
  }

  /** The number of the class, for classification tasks. */
  public int label() {
    return (int) target;
  }
}
