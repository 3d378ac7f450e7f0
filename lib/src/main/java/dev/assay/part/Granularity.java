package dev.assay.part;

import dev.assay.config.Call;
import java.io.Serializable;
import java.util.Optional;

/**
 * Which entries of an out × in matrix share one scale: a granule is the whole tensor, one output
 * row, or {@code g} consecutive input columns of one row. Where {@code g} does not divide the
 * columns, the last group of each row is shorter and has a scale of its own.
 */
public sealed interface Granularity extends Serializable {
  /** One scale for the matrix. */
  record Tensor() implements Granularity {
    @Override
    public int span(int cols) {
      return Integer.MAX_VALUE;
    }

    @Override
    public int granules(int rows, int cols) {
      return 1;
    }

    @Override
    public String toString() {
      return "tensor";
    }
  }

  /** One scale per output row. */
  record Row() implements Granularity {
    @Override
    public int span(int cols) {
      return cols;
    }

    @Override
    public int granules(int rows, int cols) {
      return rows;
    }

    @Override
    public String toString() {
      return "row";
    }
  }

  /**
   * One scale per {@code size} consecutive columns of a row.
   *
   * @param size columns in a group, at least 1
   */
  record Group(int size) implements Granularity {
    @Override
    public int span(int cols) {
      return Math.min(size, cols);
    }

    @Override
    public int granules(int rows, int cols) {
      return Math.multiplyExact(rows, (cols + size - 1) / size);
    }

    @Override
    public String toString() {
      return "group(" + size + ")";
    }
  }

  /** The granularity that {@code text} names: {@code tensor}, {@code row}, {@code group(128)}. */
  static Optional<Granularity> parse(String text) {
    Call call = Call.parse(text).orElse(Call.NONE);
    if (call.is("tensor")) {
      return Optional.of(new Tensor());
    }
    if (call.is("row")) {
      return Optional.of(new Row());
    }
    if (call.is("group", 1, 1 << 30)) {
      double size = call.number().getAsDouble();
      return size == Math.rint(size) ? Optional.of(new Group((int) size)) : Optional.empty();
    }
    return Optional.empty();
  }

  /** Columns in a granule of a matrix with {@code cols} columns; the tensor spans everything. */
  int span(int cols);

  /** Number of granules in a rows × cols matrix. */
  int granules(int rows, int cols);
}
