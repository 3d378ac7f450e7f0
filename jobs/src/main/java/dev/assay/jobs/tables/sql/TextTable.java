package dev.assay.jobs.tables.sql;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Rows in aligned columns under a header. */
final class TextTable {
  private static final MathContext SIGNIFICANT = new MathContext(6);

  /** Powers of ten at which a number turns to scientific notation. */
  private static final int TINY = -5;

  private static final int HUGE = 15;

  private final List<String> header;
  private final List<List<String>> rows = new ArrayList<>();
  private final BitSet right = new BitSet();

  TextTable(List<String> header) {
    this.header = header.stream().map(TextTable::visible).toList();
  }

  void alignRight(int column) {
    right.set(column);
  }

  void add(List<?> values) {
    rows.add(values.stream().map(TextTable::text).toList());
  }

  /** Header, rule and rows, without trailing spaces. */
  Stream<String> lines() {
    int[] widths = header.stream().mapToInt(TextTable::width).toArray();
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], width(row.get(i)));
      }
    }
    List<String> rule = Arrays.stream(widths).mapToObj("-"::repeat).toList();
    return Stream.concat(Stream.of(header, rule), rows.stream()).map(row -> line(row, widths));
  }

  private String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String padding = " ".repeat(widths[i] - width(row.get(i)));
      line.append(i == 0 ? "" : "  ");
      line.append(right.get(i) ? padding + row.get(i) : row.get(i) + padding);
    }
    return line.toString().stripTrailing();
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }

  private static String text(Object value) {
    if (value == null) {
      return "NULL";
    }
    if (value instanceof Double || value instanceof Float) {
      return number(((Number) value).doubleValue());
    }
    if (value instanceof BigDecimal decimal) {
      return decimal.toPlainString();
    }
    return visible(value.toString());
  }

  /** Six significant digits, and at least one after the point. */
  private static String number(double value) {
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    BigDecimal rounded = new BigDecimal(value).round(SIGNIFICANT).stripTrailingZeros();
    int exponent = rounded.precision() - rounded.scale() - 1;
    if (rounded.signum() == 0) {
      return "0.0";
    }
    if (exponent <= TINY || exponent >= HUGE) {
      String digits = rounded.movePointLeft(exponent).toPlainString();
      return String.format(Locale.ROOT, "%se%d", digits, exponent);
    }
    return rounded.setScale(Math.max(1, rounded.scale())).toPlainString();
  }

  /** Control characters would break lines, or drive the terminal. */
  private static String visible(String text) {
    StringBuilder visible = new StringBuilder();
    text.chars()
        .forEach(
            c -> {
              switch (c) {
                case '\n' -> visible.append("\\n");
                case '\r' -> visible.append("\\r");
                case '\t' -> visible.append("\\t");
                default -> {
                  if (Character.isISOControl(c)) {
                    visible.append(String.format(Locale.ROOT, "\\u%04x", c));
                  } else {
                    visible.append((char) c);
                  }
                }
              }
            });
    return visible.toString();
  }
}
