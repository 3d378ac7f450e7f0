package dev.assay.task;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The labelled rows of one file, or some of them, in file order. The row of {@code examples.get(i)}
 * is i.
 *
 * @param path the file
 * @param sha256 digest of the whole file, 64 hexadecimal digits
 * @param examples at least one
 * @param fileRows for each example its row among all of the file's, ascending
 * @param treatments what reading decided that a reader of results should know, such as dropped
 *     rows; empty when nothing was
 */
public record Dataset(
    String path,
    String sha256,
    List<Example> examples,
    List<Integer> fileRows,
    List<String> treatments)
    implements Serializable {
  /** Copies the lists. */
  public Dataset {
    examples = List.copyOf(examples);
    fileRows = List.copyOf(fileRows);
    treatments = List.copyOf(treatments);
    if (examples.isEmpty()) {
      throw new IllegalArgumentException("No examples from " + path);
    }
    if (fileRows.size() != examples.size()) {
      throw new IllegalArgumentException(
          fileRows.size() + " numbers for " + examples.size() + " examples");
    }
    for (int i = 0; i < examples.size(); i++) {
      if (examples.get(i).row() != i) {
        throw new IllegalArgumentException("Row " + examples.get(i).row() + " at place " + i);
      }
    }
  }

  /** All rows of a file. */
  public Dataset(String path, String sha256, List<Example> examples, List<String> treatments) {
    this(path, sha256, examples, IntStream.range(0, examples.size()).boxed().toList(), treatments);
  }

  /** Number of rows. */
  public int size() {
    return examples.size();
  }

  /**
   * Some rows, drawn at random without replacement, which is a recorded treatment. The seed puts
   * all rows in an order and the first ones of it are taken, so samples nest: with the same seed a
   * smaller one is part of every larger one.
   *
   * @param rows at least 1; the data set itself when it has no more than that
   * @param seed which
   */
  public Dataset sample(int rows, long seed) {
    if (rows >= size()) {
      return this;
    }
    int[] order = IntStream.range(0, size()).toArray();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < rows; i++) {
      int other = i + random.nextInt(order.length - i);
      int swap = order[i];
      order[i] = order[other];
      order[other] = swap;
    }
    int[] drawn = IntStream.of(order).limit(rows).sorted().toArray();
    List<Example> some = new ArrayList<>(rows);
    for (int row : drawn) {
      some.add(new Example(some.size(), examples.get(row).texts(), examples.get(row).target()));
    }
    List<String> more = new ArrayList<>(treatments);
    more.add("Only " + rows + " of " + size() + " rows, drawn by the seed");
    return new Dataset(
        path, sha256, some, IntStream.of(drawn).map(fileRows::get).boxed().toList(), more);
  }

  /** What each row is labelled, as {@link Example#target} has it. */
  public double[] targets() {
    return examples.stream().mapToDouble(Example::target).toArray();
  }

  /** The class of each row. */
  public int[] labels() {
    return examples.stream().mapToInt(Example::label).toArray();
  }
}
