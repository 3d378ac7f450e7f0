package dev.assay.jobs.tables.land;

import dev.assay.jobs.tables.Table;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The rows of a sweep's tables as DuckDB finds them in the files, in order, as text.
 *
 * @param sweep the sweep's folder
 */
public record LandedRows(Path sweep) {
  /** Every row in every file. */
  public List<String> all(Table table) {
    return rows(table, "");
  }

  /** Every row of every table; all must have files. */
  public Map<Table, List<String>> all() {
    Map<Table, List<String>> all = new EnumMap<>(Table.class);
    for (Table table : Table.values()) {
      all.put(table, all(table));
    }
    return all;
  }

  /** Of every identity the newest row, as the views show it. */
  public List<String> newest(Table table) {
    String identity =
        table.identity().stream().map(name -> '"' + name + '"').collect(Collectors.joining(", "));
    return rows(
        table,
        " QUALIFY row_number() OVER (PARTITION BY "
            + identity
            + " ORDER BY committed_at DESC, run_id DESC) = 1");
  }

  /** The same of every table; all must have files. */
  public Map<Table, List<String>> newest() {
    Map<Table, List<String>> all = new EnumMap<>(Table.class);
    for (Table table : Table.values()) {
      all.put(table, newest(table));
    }
    return all;
  }

  private List<String> rows(Table table, String which) {
    String columns =
        Arrays.stream(table.schema().fieldNames())
            .map(name -> "t.\"" + name + "\"::VARCHAR")
            .collect(Collectors.joining(", "));
    String sql =
        "SELECT concat_ws('|', %s) FROM (SELECT * FROM read_parquet('%s/%s/run=*/part-*.parquet',"
            + " hive_partitioning = false, union_by_name = true)%s) AS t ORDER BY 1";
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(sql.formatted(columns, sweep, table.sqlName(), which))) {
      List<String> rows = new ArrayList<>();
      while (found.next()) {
        rows.add(found.getString(1));
      }
      return rows;
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
