package dev.assay.evaluate.answers;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a model put out for rows of a data set: logits, a score, a similarity, an embedding, or a
 * number for every token; how many may differ from row to row. Held in row order whatever order the
 * rows came in, so that nothing computed from them depends on how the data was cut into shards.
 */
public final class Predictions implements Serializable {
  private static final long serialVersionUID = 2L;

  private final int[] rows;
  private final float[][] values;

  private Predictions(int[] rows, float[][] values) {
    this.rows = rows;
    this.values = values;
  }

  /**
   * Takes the outputs of one shard.
   *
   * @param rows row numbers in any order, each once
   * @param values of each row, in the order of {@code rows}; not copied
   * @throws IllegalArgumentException if there are not as many of both, or a row comes twice
   */
  public static Predictions of(int[] rows, float[][] values) {
    if (values.length != rows.length) {
      throw new IllegalArgumentException(values.length + " outputs for " + rows.length + " rows");
    }
    int[] order =
        IntStream.range(0, rows.length)
            .boxed()
            .sorted((a, b) -> Integer.compare(rows[a], rows[b]))
            .mapToInt(Integer::intValue)
            .toArray();
    int[] sortedRows = new int[rows.length];
    float[][] sortedValues = new float[rows.length][];
    for (int i = 0; i < order.length; i++) {
      sortedRows[i] = rows[order[i]];
      sortedValues[i] = values[order[i]];
      if (i > 0 && sortedRows[i] == sortedRows[i - 1]) {
        throw new IllegalArgumentException("Row " + sortedRows[i] + " was predicted twice");
      }
    }
    return new Predictions(sortedRows, sortedValues);
  }

  /**
   * The predictions of several shards as one.
   *
   * @param shards in any order, no row in two of them
   * @throws IllegalArgumentException if a row comes twice
   */
  public static Predictions merge(List<Predictions> shards) {
    return of(
        shards.stream().flatMapToInt(shard -> Arrays.stream(shard.rows)).toArray(),
        shards.stream().flatMap(shard -> Arrays.stream(shard.values)).toArray(float[][]::new));
  }

  /** Number of rows. */
  public int size() {
    return rows.length;
  }

  /** Number of the i-th row; they ascend. */
  public int row(int i) {
    return rows[i];
  }

  /** The values of the i-th row. */
  public float[] values(int i) {
    return values[i].clone();
  }

  /** How many rows have a value that is NaN or infinite. */
  public int nonFinite() {
    return (int) IntStream.range(0, size()).filter(i -> !isFinite(i)).count();
  }

  /**
   * These predictions for only the rows that {@code numbers} lists, renumbered by its order.
   *
   * @throws IllegalArgumentException if one of them is missing
   */
  public Predictions select(int[] numbers) {
    float[][] selected = new float[numbers.length][];
    for (int i = 0; i < numbers.length; i++) {
      int from = Arrays.binarySearch(rows, numbers[i]);
      if (from < 0) {
        throw new IllegalArgumentException("Row " + numbers[i] + " was not predicted");
      }
      selected[i] = values[from];
    }
    return new Predictions(IntStream.range(0, numbers.length).toArray(), selected);
  }

  boolean isFinite(int i) {
    for (float value : values[i]) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  /** Place of the largest value of the i-th row, the first of equals; −1 if one is not finite. */
  public int argmax(int i) {
    if (!isFinite(i)) {
      return -1;
    }
    int largest = 0;
    for (int j = 1; j < values[i].length; j++) {
      if (values[i][j] > values[i][largest]) {
        largest = j;
      }
    }
    return largest;
  }

  /**
   * The one value of each row.
   *
   * @throws IllegalArgumentException if a row has more or none
   */
  public double[] column() {
    requireWidth(1);
    return Arrays.stream(values).mapToDouble(row -> row[0]).toArray();
  }

  /**
   * Checks that the rows are 0 to n − 1.
   *
   * @throws IllegalArgumentException if they are not
   */
  public void requireRows(int n) {
    for (int i = 0; i < Math.min(n, size()); i++) {
      if (rows[i] != i) {
        throw new IllegalArgumentException("Row " + i + " of " + n + " was not predicted");
      }
    }
    if (size() != n) {
      throw new IllegalArgumentException("Predictions of " + size() + " rows, not of " + n);
    }
  }

  /**
   * Checks that every row has as many values.
   *
   * @throws IllegalArgumentException if one has not
   */
  public void requireWidth(int width) {
    for (int i = 0; i < size(); i++) {
      if (values[i].length != width) {
        throw new IllegalArgumentException(
            "Row " + rows[i] + " has " + values[i].length + " values, not " + width);
      }
    }
  }

  /** Checks that both are of the same rows, with as many values in each. */
  void requireSameShape(Predictions other) {
    boolean same = Arrays.equals(rows, other.rows);
    for (int i = 0; same && i < size(); i++) {
      same = values[i].length == other.values[i].length;
    }
    if (!same) {
      throw new IllegalArgumentException("Predictions of different rows or widths");
    }
  }
}
