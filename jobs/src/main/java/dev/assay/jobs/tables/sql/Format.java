package dev.assay.jobs.tables.sql;

import dev.assay.InputException;

/**
 * How {@code sql} prints rows. Times are ISO 8601 in UTC with microseconds; maps, arrays and
 * structs are JSON.
 */
public enum Format {
  /**
   * Aligned columns for people: numbers to the right, doubles to six significant digits, NULL as
   * NULL, control characters escaped. Collected in memory, so cut after the first {@value
   * ResultPrinter#TABLE_ROWS} rows, which a remark says.
   */
  TABLE,
  /**
   * RFC 4180: a header, lines that end in CRLF, fields quoted where they must be. NULL is an empty
   * field, an empty text a quoted one. Streamed.
   */
  CSV,
  /**
   * One object a line, every column in it, typed; NaN and infinities are the strings {@code "NaN"},
   * {@code "Infinity"} and {@code "-Infinity"}. Streamed.
   */
  JSON;

  /**
   * The format of a name, in any case.
   *
   * @throws InputException if there is none of that name
   */
  public static Format parse(String name) {
    for (Format format : values()) {
      if (format.name().equalsIgnoreCase(name)) {
        return format;
      }
    }
    throw new InputException(
        "format", "\"" + name + "\" is not an output format", "Use table, csv or json");
  }
}
