package dev.assay.task;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a model put out for rows of a data set: logits, a score, a similarity or an embedding, the
 * same number of values for each row. Held in row order whatever order the rows came in, so that
 * nothing computed from them depends on how the data was cut into shards.
 */
public final class Predictions implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int width;
  private final int[] rows;
  private final float[] values;

  private Predictions(int width, int[] rows, float[] values) {
    this.width = width;
    this.rows = rows;
    this.values = values;
  }

  /**
   * Takes the outputs of one shard.
   *
   * @param width values per row, at least 1
   * @param rows row numbers in any order, each once
   * @param values rows.length × width, in the order of {@code rows}
   * @throws IllegalArgumentException if the sizes do not fit, or a row comes twice
   */
  public static Predictions of(int width, int[] rows, float[] values) {
    if (width < 1 || values.length != (long) width * rows.length) {
      throw new IllegalArgumentException(
          values.length + " values for " + rows.length + " rows of " + width);
    }
    int[] order =
        IntStream.range(0, rows.length)
            .boxed()
            .sorted((a, b) -> Integer.compare(rows[a], rows[b]))
            .mapToInt(Integer::intValue)
            .toArray();
    int[] sortedRows = new int[rows.length];
    float[] sortedValues = new float[values.length];
    for (int i = 0; i < order.length; i++) {
      sortedRows[i] = rows[order[i]];
      if (i > 0 && sortedRows[i] == sortedRows[i - 1]) {
        throw new IllegalArgumentException("Row " + sortedRows[i] + " was predicted twice");
      }
      System.arraycopy(values, order[i] * width, sortedValues, i * width, width);
    }
    return new Predictions(width, sortedRows, sortedValues);
  }

  /**
   * The predictions of several shards as one.
   *
   * @param shards at least one, of equal width, in any order, no row in two of them
   * @throws IllegalArgumentException if a row comes twice or the widths differ
   */
  public static Predictions merge(List<Predictions> shards) {
    int width = shards.get(0).width;
    int total = shards.stream().mapToInt(Predictions::size).sum();
    int[] rows = new int[total];
    float[] values = new float[Math.multiplyExact(total, width)];
    int at = 0;
    for (Predictions shard : shards) {
      if (shard.width != width) {
        throw new IllegalArgumentException("Widths " + width + " and " + shard.width);
      }
      System.arraycopy(shard.rows, 0, rows, at, shard.size());
      System.arraycopy(shard.values, 0, values, at * width, shard.values.length);
      at += shard.size();
    }
    return of(width, rows, values);
  }

  /** Number of rows. */
  public int size() {
    return rows.length;
  }

  /** Values per row. */
  public int width() {
    return width;
  }

  /** Number of the i-th row; they ascend. */
  public int row(int i) {
    return rows[i];
  }

  /** The values of the i-th row. */
  public float[] values(int i) {
    return Arrays.copyOfRange(values, i * width, (i + 1) * width);
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
  Predictions select(int[] numbers) {
    float[] selected = new float[numbers.length * width];
    for (int i = 0; i < numbers.length; i++) {
      int from = Arrays.binarySearch(rows, numbers[i]);
      if (from < 0) {
        throw new IllegalArgumentException("Row " + numbers[i] + " was not predicted");
      }
      System.arraycopy(values, from * width, selected, i * width, width);
    }
    return new Predictions(width, IntStream.range(0, numbers.length).toArray(), selected);
  }

  boolean isFinite(int i) {
    for (int j = i * width; j < (i + 1) * width; j++) {
      if (!Float.isFinite(values[j])) {
        return false;
      }
    }
    return true;
  }

  /** Place of the largest value of the i-th row, the first of equals; −1 if one is not finite. */
  int argmax(int i) {
    if (!isFinite(i)) {
      return -1;
    }
    int largest = 0;
    for (int j = 1; j < width; j++) {
      if (values[i * width + j] > values[i * width + largest]) {
        largest = j;
      }
    }
    return largest;
  }

  /** The one value of each row. */
  double[] column() {
    if (width != 1) {
      throw new IllegalArgumentException("One value a row is needed, not " + width);
    }
    return IntStream.range(0, size()).mapToDouble(i -> values[i]).toArray();
  }

  /** Checks that the rows are 0 to n − 1. */
  void requireRows(int n) {
    for (int i = 0; i < Math.min(n, size()); i++) {
      if (rows[i] != i) {
        throw new IllegalArgumentException("Row " + i + " of " + n + " was not predicted");
      }
    }
    if (size() != n) {
      throw new IllegalArgumentException("Predictions of " + size() + " rows, not of " + n);
    }
  }

  /** Checks that both are of the same rows and width. */
  void requireSameShape(Predictions other) {
    if (width != other.width || !Arrays.equals(rows, other.rows)) {
      throw new IllegalArgumentException("Predictions of different rows or widths");
    }
  }
}
