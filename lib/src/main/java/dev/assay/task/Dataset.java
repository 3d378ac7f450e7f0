package dev.assay.task;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * The labelled rows of one file, in file order. The row of {@code examples.get(i)} is i.
 *
 * @param path the file
 * @param sha256 digest of the whole file, 64 hexadecimal digits
 * @param examples at least one
 * @param treatments what reading decided that a reader of results should know, such as dropped
 *     rows; empty when nothing was
 */
public record Dataset(String path, String sha256, List<Example> examples, List<String> treatments)
    implements Serializable {
  /** Copies the lists. */
  public Dataset {
    examples = List.copyOf(examples);
    treatments = List.copyOf(treatments);
    if (examples.isEmpty()) {
      throw new IllegalArgumentException("No examples from " + path);
    }
    for (int i = 0; i < examples.size(); i++) {
      if (examples.get(i).row() != i) {
        throw new IllegalArgumentException("Row " + examples.get(i).row() + " at place " + i);
      }
    }
  }

  /** Number of rows. */
  public int size() {
    return examples.size();
  }

  /**
   * The first rows only, which is a recorded treatment.
   *
   * @param rows at least 1; the data set itself when it has no more than that
   */
  public Dataset first(int rows) {
    if (rows >= size()) {
      return this;
    }
    List<String> more = new ArrayList<>(treatments);
    more.add("Only the first " + rows + " of " + size() + " rows");
    return new Dataset(path, sha256, examples.subList(0, rows), more);
  }

  double[] targets() {
    return examples.stream().mapToDouble(Example::target).toArray();
  }

  int[] labels() {
    return examples.stream().mapToInt(Example::label).toArray();
  }
}
