package dev.assay.jobs.tables.sql;

import java.math.BigDecimal;
import java.util.List;
import java.util.stream.Collectors;

/** Lines of RFC 4180. */
final class Csv {
  private Csv() {}

  /** One record with its CRLF: null as an empty field, an empty text as a quoted one. */
  static String line(List<?> values) {
    return values.stream().map(Csv::field).collect(Collectors.joining(",", "", "\r\n"));
  }

  private static String field(Object value) {
    if (value == null) {
      return "";
    }
    String text = value instanceof BigDecimal decimal ? decimal.toPlainString() : value.toString();
    boolean plain =
        !text.isEmpty()
            && text.chars().noneMatch(c -> c == '"' || c == ',' || c == '\r' || c == '\n');
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
