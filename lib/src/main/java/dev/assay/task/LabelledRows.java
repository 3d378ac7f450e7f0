package dev.assay.task;

import dev.assay.InputException;
import dev.assay.checkpoint.ByteSource;
import dev.assay.checkpoint.Folder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the rows of a tab-separated file by a {@link Layout}. */
public final class LabelledRows {
  /** What to make of the wanted fields of one row. */
  public interface Consumer {
    /**
     * Takes a row.
     *
     * @param where file and line, for messages
     * @param fields the wanted columns, by name
     */
    void row(String where, Map<String, String> fields);
  }

  /**
   * What is known when a file has been read.
   *
   * @param path the file
   * @param sha256 digest of the file
   * @param treatments what was decided about its rows
   */
  public record Summary(String path, String sha256, List<String> treatments) {}

  private static final String FIX =
      "Use the published file: tab separated, no quoting, one example a line.";

  private LabelledRows() {}

  /**
   * Reads a file whole.
   *
   * @param more wanted columns beside the layout's texts and label
   * @throws InputException for a missing or empty file, a missing column, a row that does not have
   *     as many fields as there are columns, an empty line before the last row, bytes that are not
   *     UTF-8
   */
  public static Summary read(
      Folder folder, String name, Layout layout, List<String> more, Consumer consumer)
      throws IOException {
    List<String> files = folder.files();
    if (!files.contains(name)) {
      throw new InputException(
          folder.path(),
          "Has no file " + name,
          "Give the directory that holds it; this one has " + shown(files) + ".");
    }
    List<String> wanted = new ArrayList<>(layout.texts());
    wanted.add(layout.label());
    wanted.addAll(more);
    try (ByteSource source = folder.open(name)) {
      TsvReader reader = new TsvReader(source);
      List<String> columns = layout.columns();
      if (layout.header() == Layout.Header.PRESENT) {
        if (!reader.next()) {
          throw new InputException(source.path(), "Is empty", FIX);
        }
        columns = reader.fields();
        checkHeader(reader.where(), columns, wanted);
      }
      int rows = 0;
      int dropped = 0;
      long emptyLine = 0;
      while (reader.next()) {
        if (reader.isEmpty()) {
          emptyLine = emptyLine == 0 ? reader.line() : emptyLine;
          continue;
        }
        if (emptyLine != 0) {
          if (layout.shortRows() == Layout.ShortRows.REFUSED) {
            throw new InputException(
                source.path() + ", line " + emptyLine, "Is empty, and rows follow", FIX);
          }
          dropped++;
          emptyLine = 0;
        }
        List<String> fields = reader.fields();
        if (fields.size() < columns.size() && layout.shortRows() == Layout.ShortRows.DROPPED) {
          dropped++;
          continue;
        }
        if (fields.size() != columns.size()) {
          throw new InputException(
              reader.where(),
              "Has " + fields.size() + " columns, not " + columns.size(),
              "The columns are " + shown(columns) + "; a tab cannot be part of a text.");
        }
        Map<String, String> row = new LinkedHashMap<>();
        for (String column : wanted) {
          row.put(column, fields.get(columns.indexOf(column)));
        }
        consumer.row(reader.where(), row);
        rows++;
      }
      if (rows == 0) {
        throw new InputException(source.path(), "Has no rows", FIX);
      }
      List<String> treatments =
          dropped == 0
              ? List.of()
              : List.of("Dropped " + dropped + " lines with too few columns of " + source.path());
      return new Summary(source.path(), reader.sha256(), treatments);
    }
  }

  private static void checkHeader(String where, List<String> columns, List<String> wanted) {
    for (String column : wanted) {
      if (!columns.contains(column)) {
        throw new InputException(
            where,
            "Has no column '" + column + "'; its columns are " + shown(columns),
            "The first line must name the columns "
                + String.join(", ", wanted)
                + "; a test file without labels cannot be evaluated.");
      }
    }
    Set<String> seen = new HashSet<>();
    for (String column : columns) {
      if (!seen.add(column) && wanted.contains(column)) {
        throw new InputException(where, "Names column '" + column + "' twice", FIX);
      }
    }
  }

  private static String shown(List<String> names) {
    return names.isEmpty() ? "none" : shorten(String.join(", ", names));
  }

  /** A text short enough for a message. */
  public static String shorten(String text) {
    return text.length() <= 200 ? text : text.substring(0, 200) + "…";
  }
}
