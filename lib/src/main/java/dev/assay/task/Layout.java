package dev.assay.task;

import java.util.List;

/**
 * Where the texts and the label stand in a file.
 *
 * @param columns all columns as published, in order; only where there is no header line do their
 *     places matter
 * @param texts the columns of the texts, one or two
 * @param label the column of the label
 * @param header whether the file begins with the names of its columns
 * @param shortRows what becomes of rows with fewer columns than the header
 */
public record Layout(
    List<String> columns, List<String> texts, String label, Header header, ShortRows shortRows) {
  /** Whether a file begins with the names of its columns. */
  public enum Header {
    PRESENT,
    ABSENT
  }

  /** What becomes of rows with too few columns. */
  public enum ShortRows {
    REFUSED,
    /** Dropped and counted, where the published files hold such rows. */
    DROPPED
  }

  /**
   * A file with a header, of which every row must be whole.
   *
   * @param columns as published, separated by spaces
   */
  public static Layout headed(String columns, String label, String... texts) {
    return new Layout(
        List.of(columns.split(" ")), List.of(texts), label, Header.PRESENT, ShortRows.REFUSED);
  }

  /** The same without a header. */
  public Layout headless() {
    return new Layout(columns, texts, label, Header.ABSENT, shortRows);
  }

  /** The same with short rows dropped. */
  public Layout droppingShortRows() {
    return new Layout(columns, texts, label, header, ShortRows.DROPPED);
  }
}
