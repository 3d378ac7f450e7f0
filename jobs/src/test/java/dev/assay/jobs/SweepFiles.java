package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The files of one sweep as DuckDB reads them, without any of Assay's or Spark's code in between.
 *
 * @param folder {@code <out>/<sweep>}
 */
record SweepFiles(Path folder) {
  /** What may differ between two computations of the same thing. */
  private static final List<String> CIRCUMSTANCES =
      List.of(
          "run_id",
          "committed_at",
          "seconds",
          "examples_per_second",
          "attempts",
          "host",
          "executor");

  private static final List<String> TABLES =
      List.of(
          "runs",
          "cells",
          "layer_metrics",
          "output_metrics",
          "spectrum",
          "selection_overlap",
          "allocations",
          "predictions",
          "model_metrics",
          "comparisons");

  /** Rows of a query in which {@code ${cells}} and the like stand for the tables' files. */
  List<List<Object>> query(String sql) {
    String resolved = sql;
    for (String table : TABLES) {
      resolved = resolved.replace("${" + table + "}", files(table));
    }
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(resolved)) {
      int columns = found.getMetaData().getColumnCount();
      List<List<Object>> rows = new ArrayList<>();
      while (found.next()) {
        List<Object> row = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
          row.add(found.getObject(i));
        }
        rows.add(row);
      }
      return rows;
    } catch (SQLException e) {
      throw new AssertionError(resolved, e);
    }
  }

  /** The first column of a query. */
  List<Object> column(String sql) {
    return query(sql).stream().map(row -> row.get(0)).toList();
  }

  /** The only value of a query. */
  Object value(String sql) {
    List<Object> column = column(sql);
    assertThat(column).as(sql).hasSize(1);
    return column.get(0);
  }

  /** The number that a query counts. */
  long count(String sql) {
    return ((Number) value("SELECT count(*) FROM " + sql)).longValue();
  }

  /**
   * Every distinct row of a table by its id, as text, without {@link #CIRCUMSTANCES}. Rows with one
   * id must agree.
   */
  Map<String, String> byId(String table) {
    String identity =
        switch (table) {
          case "spectrum" -> "factors_id || ' ' || index";
          case "model_metrics" -> "trial_id || ' ' || metric";
          case "predictions" -> "trial_id || ' ' || \"row\"";
          case "output_metrics" -> "cell_id || ' ' || matrix";
          default -> "cell_id";
        };
    return rows("${" + table + "}", identity, CIRCUMSTANCES);
  }

  /** As {@link #byId}, but by matrix and recipe: for copies of a checkpoint, whose ids differ. */
  Map<String, String> byName(String table) {
    List<String> without = new ArrayList<>(CIRCUMSTANCES);
    without.addAll(List.of("cell_id", "factors_id", "statistics_id", "trial_id"));
    return switch (table) {
      case "cells" -> rows("${cells}", "unit || ' ' || label", without);
      case "spectrum" ->
          rows("${spectrum}", "matrix || ' ' || factorizer || ' ' || index", without);
      case "model_metrics" -> rows("${model_metrics}", "label || ' ' || metric", without);
      case "predictions" -> rows("${predictions}", "label || ' ' || \"row\"", without);
      default ->
          rows(
              "(SELECT m.*, label FROM ${" + table + "} m JOIN ${cells} USING (cell_id))",
              "matrix || ' ' || label",
              without);
    };
  }

  /** Asserts that tables have the same rows as another sweep's, and some, by {@link #byId}. */
  void assertSameById(List<String> tables, SweepFiles expected) {
    assertSame(tables, expected, SweepFiles::byId);
  }

  /** The same by {@link #byName}. */
  void assertSameByName(List<String> tables, SweepFiles expected) {
    assertSame(tables, expected, SweepFiles::byName);
  }

  private void assertSame(
      List<String> tables,
      SweepFiles expected,
      BiFunction<SweepFiles, String, Map<String, String>> rows) {
    for (String table : tables) {
      Map<String, String> theirs = rows.apply(expected, table);
      assertThat(theirs).as(table).isNotEmpty();
      assertThat(rows.apply(this, table)).as(table).isEqualTo(theirs);
    }
  }

  /** Whether a table has files. */
  boolean holds(String table) {
    return paths().stream()
        .anyMatch(
            path -> path.startsWith(folder.resolve(table)) && path.toString().endsWith(".parquet"));
  }

  /** Every file and folder of the sweep. */
  List<Path> paths() {
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Map<String, String> rows(String source, String identity, List<String> without) {
    String omitted = without.stream().collect(Collectors.joining("', '", "'", "'"));
    Map<String, String> rows = new TreeMap<>();
    query(
            "SELECT DISTINCT "
                + identity
                + ", struct::VARCHAR FROM (SELECT *, struct_pack(*COLUMNS(c -> c NOT IN ("
                + omitted
                + "))) AS struct FROM "
                + source
                + ")")
        .forEach(
            row ->
                assertThat(rows.put((String) row.get(0), (String) row.get(1)))
                    .as("Another row than %s", row)
                    .isNull());
    return rows;
  }

  private String files(String table) {
    return "read_parquet('%s/%s/*/*.parquet', hive_partitioning = false)"
        .formatted(folder.toString().replace("'", "''"), table);
  }
}
