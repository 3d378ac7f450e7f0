package dev.assay.jobs.tables.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.jobs.tables.Samples;
import dev.assay.jobs.tables.Table;
import dev.assay.jobs.tables.land.ParquetEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code notebooks-export/duckdb-views.sql}: written here from what makes Spark's views, so that
 * they are defined once, and read by DuckDB.
 */
class DuckDbViewsTest {
  private static final String FILE = "notebooks-export/duckdb-views.sql";
  private static final Path COMMITTED = Samples.repository().resolve(FILE);
  private static final int WIDTH = 110;

  @TempDir private Path temporary;

  @Test
  void theFileIsMadeOfTheViewsOfSpark() throws IOException {
    String expected = text();
    Path made = Path.of("target", "duckdb-views.sql").toAbsolutePath();
    Files.writeString(made, expected);
    assertThat(Files.readString(COMMITTED))
        .as("Views have changed: copy %s to %s", made, FILE)
        .isEqualTo(expected);
  }

  @Test
  void columnsAreThoseOfTheTables() throws IOException, SQLException {
    try (Connection duck = open(temporary.toString())) {
      for (Table table : Table.values()) {
        assertThat(
                rows(
                    duck,
                    "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = '"
                        + table.sqlName()
                        + "' ORDER BY column_index"))
            .as(table.sqlName())
            .containsExactly(
                Stream.of(table.schema().fields())
                    .map(field -> field.name() + " " + type(field.dataType()))
                    .toArray(String[]::new));
      }
    }
  }

  /** As {@link ViewsTest} asks it of Spark. */
  @Test
  void theNewestRowOfAnIdentityCounts() throws IOException, SQLException {
    Path out = temporary.resolve("an o'ut");
    Instant late = Samples.START.plusSeconds(60);
    Samples.land(out, "one", "run-b", Samples.at(late), Samples.doneCell("a"));
    Samples.land(
        out,
        "one",
        "run-c",
        Samples.at(Samples.START),
        Samples.failedCell("a"),
        Samples.metrics("a", "up", 0.1),
        Samples.metrics("a", "down", 0.2),
        Samples.prediction("t", 0),
        Samples.prediction("t", 1));
    Samples.land(out, "two", "run-d", Samples.at(Samples.START), Samples.failedCell("a"));
    Samples.land(out, "two", "run-e", Samples.at(Samples.START), Samples.doneCell("a"));
    try (Connection duck = open(out.toString());
        Connection one = open(out + "/one")) {
      String cells = "SELECT sweep, cell_id, status, run_id FROM cells ORDER BY sweep";
      assertThat(rows(duck, cells)).containsExactly("one a DONE run-b", "two a DONE run-e");
      assertThat(rows(one, cells)).containsExactly("one a DONE run-b");
      assertThat(rows(duck, "SELECT count(*) FROM cells_landed")).containsExactly("4");
      assertThat(rows(duck, "SELECT sweep, matrix, label, relative_error FROM results ORDER BY 2"))
          .containsExactly(
              "one down protect svd top-16 → rtn 4 bit 0.2",
              "one up protect svd top-16 → rtn 4 bit 0.1");
      assertThat(rows(duck, "SELECT p.row, len(p.values) FROM predictions AS p ORDER BY 1"))
          .containsExactly("0 2", "1 2");
    }
  }

  @Test
  void anOutputWithoutSweepsHasEmptyViews() throws SQLException, IOException {
    try (Connection duck = open(temporary.toString())) {
      for (String view : Views.names()) {
        assertThat(rows(duck, "SELECT count(*) FROM " + view)).as(view).containsExactly("0");
      }
    }
  }

  @Test
  void columnsThatOldFilesLackAreNull() throws IOException, SQLException {
    Samples.land(temporary, "quick", "run-1", Samples.ticking(), Samples.doneCell("a"));
    Path folder = Samples.onlyFile(temporary, Table.CELLS).getParent();
    Files.delete(Samples.onlyFile(temporary, Table.CELLS));
    List<String> names = List.of("cell_id", "run_id", "sweep", "committed_at");
    Files.write(
        folder.resolve("part-00002-old.parquet"),
        ParquetEncoder.encode(
            new StructType(
                names.stream()
                    .map(name -> Table.CELLS.schema().apply(name))
                    .toArray(StructField[]::new)),
            Map.of(),
            List.<Object[]>of(new Object[] {"old", "run-0", "quick", Samples.START})));
    try (Connection duck = open(temporary.toString())) {
      assertThat(rows(duck, "SELECT cell_id, status, bits, parameters['clip'] FROM cells"))
          .containsExactly("old null null null");
    }
  }

  @Test
  void hiddenAndForeignFilesAreNotRead() throws IOException, SQLException {
    Samples.land(temporary, "quick", "run-1", Samples.ticking(), Samples.doneCell("a"));
    Path file = Samples.onlyFile(temporary, Table.CELLS);
    for (String foreign :
        List.of(
            "quick/cells/run=run-1/.part-2.parquet",
            "quick/cells/run=run-1/other.parquet",
            ".trash/cells/run=run-1/part-2.parquet",
            "_old/cells/run=run-1/part-2.parquet")) {
      Path copy = temporary.resolve(foreign);
      Files.createDirectories(copy.getParent());
      Files.copy(file, copy);
    }
    try (Connection duck = open(temporary.toString())) {
      assertThat(rows(duck, "SELECT count(*) FROM cells_landed")).containsExactly("1");
    }
  }

  private static Connection open(String out) throws SQLException, IOException {
    Connection duck = DriverManager.getConnection("jdbc:duckdb:");
    try (Statement statement = duck.createStatement()) {
      statement.execute("SET VARIABLE out = '" + out.replace("'", "''") + "'");
      statement.execute(Files.readString(COMMITTED));
    }
    return duck;
  }

  private static List<String> rows(Connection duck, String sql) throws SQLException {
    try (Statement statement = duck.createStatement();
        ResultSet found = statement.executeQuery(sql)) {
      List<String> rows = new ArrayList<>();
      while (found.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
          row.add(String.valueOf(found.getObject(i)));
        }
        rows.add(String.join(" ", row));
      }
      return rows;
    }
  }

  private static String text() {
    StringBuilder text =
        new StringBuilder(
            """
            -- The views of an output in DuckDB: names, columns and rows are those of ./submit.sh sql.
            --
            --   SET VARIABLE out = 'out';   -- the output folder, or the folder of one sweep in it
            --   .read notebooks-export/duckdb-views.sql
            --
            -- Files that land afterwards are seen when it is read again. DuckDbViewsTest writes this file from the
            -- schemas of the tables and the definitions of Spark's views, and fails where the two differ.

            SET VARIABLE out = coalesce(getvariable('out'), 'out');

            -- A table's files, one folder for every run, without what is hidden.
            CREATE OR REPLACE TEMP MACRO landed_files(name) AS (
              SELECT list(file ORDER BY file)
              FROM (
                SELECT file FROM glob(getvariable('out') || '/' || name || '/run=*/part-*.parquet')
                UNION ALL
                SELECT file FROM glob(getvariable('out') || '/*/' || name || '/run=*/part-*.parquet'))
              WHERE NOT regexp_matches(substr(file, length(getvariable('out')) + 1), '/[._]'));
            """);
    List<Table> tables =
        Arrays.stream(Table.values()).sorted((a, b) -> a.sqlName().compareTo(b.sqlName())).toList();
    for (Table table : tables) {
      text.append(
          """

          -- %1$s: its columns, every row that ever landed, and the newest row of each identity.
          CREATE OR REPLACE TEMP TABLE %1$s_columns (
            %2$s);
          SET VARIABLE %1$s_files = landed_files('%1$s');
          CREATE OR REPLACE TEMP VIEW %3$s AS
          FROM %1$s_columns UNION ALL BY NAME
          FROM query(CASE WHEN getvariable('%1$s_files') IS NULL THEN 'FROM %1$s_columns' ELSE
            'FROM read_parquet(getvariable(''%1$s_files''), hive_partitioning = false, union_by_name = true)' END);
          CREATE OR REPLACE TEMP VIEW %1$s AS
          %4$s;
          """
              .formatted(
                  table.sqlName(),
                  Stream.of(table.schema().fields())
                      .map(field -> '"' + field.name() + "\" " + type(field.dataType()))
                      .collect(Collectors.joining(", ")),
                  Views.landed(table),
                  Views.newestSql(table).strip()));
    }
    text.append(
        """

        -- The cells that are done, with what they cost.
        CREATE OR REPLACE TEMP VIEW %s AS
        %s;

        -- How many files there are.
        SELECT * FROM (VALUES
          %s) AS found ("table", files);
        """
            .formatted(
                Views.RESULTS,
                Views.RESULTS_SQL.strip(),
                tables.stream()
                    .map(
                        table ->
                            "('%1$s', coalesce(len(getvariable('%1$s_files')), 0))"
                                .formatted(table.sqlName()))
                    .collect(Collectors.joining(",\n  "))));
    return text.toString().lines().map(DuckDbViewsTest::wrapped).collect(Collectors.joining("\n"))
        + "\n";
  }

  /** A long list broken after commas, its later lines indented by four more. */
  private static String wrapped(String line) {
    if (line.length() <= WIDTH || line.strip().startsWith("--")) {
      return line;
    }
    int comma = line.lastIndexOf(", ", WIDTH - 1);
    int indent =
        (int) IntStream.range(0, line.length()).takeWhile(i -> line.charAt(i) == ' ').count();
    if (comma <= indent || line.contains("read_parquet")) {
      return line;
    }
    String rest = " ".repeat(indent == 0 ? 4 : indent) + line.substring(comma + 2);
    return line.substring(0, comma + 1) + "\n" + wrapped(rest);
  }

  private static String type(DataType type) {
    return switch (type.simpleString()) {
      case "int" -> "INTEGER";
      case "bigint" -> "BIGINT";
      case "double" -> "DOUBLE";
      case "string" -> "VARCHAR";
      case "timestamp" -> "TIMESTAMP WITH TIME ZONE";
      case "map<string,string>" -> "MAP(VARCHAR, VARCHAR)";
      case "array<string>" -> "VARCHAR[]";
      case "array<double>" -> "DOUBLE[]";
      default -> throw new IllegalArgumentException("Unknown type " + type.simpleString());
    };
  }
}
