package dev.assay.jobs.tables.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.jobs.tables.Samples;
import dev.assay.jobs.tables.Table;
import dev.assay.jobs.tables.TestSpark;
import dev.assay.jobs.tables.land.Committer;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Another engine reads the same from the files alone. */
class DuckDbTest {
  @TempDir private Path out;

  @BeforeEach
  void land() throws IOException {
    for (String sweep : List.of("one", "two")) {
      try (Committer committer =
          Samples.committer(out, sweep, "run-" + sweep, Samples.at(Samples.START))) {
        committer.append(List.of(Samples.startedRun()));
        committer.commit();
        for (int i = 0; i < 5; i++) {
          String id = sweep + i;
          committer.append(List.of(Samples.doneCell(id), Samples.metrics(id, "w", 0.1 * (i + 1))));
          committer.append(Samples.spectrum(id, 4));
          committer.append(List.of(Samples.accuracy(id), Samples.spearman(id)));
          committer.append(List.of(Samples.prediction(id, 0), Samples.prediction(id, 1)));
          committer.append(
              List.of(Samples.output(id, "w"), Samples.overlap(id), Samples.allocation(id, "w")));
          committer.append(List.of(Samples.comparison(id)));
          committer.commit();
        }
        committer.append(
            List.of(Samples.failedCell(sweep + "x"), Samples.bareMetrics(sweep + "x", "e")));
        committer.append(List.of(Samples.endedRun()));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void countsAreThoseOfTheViews(Table table) throws SQLException {
    SparkSession spark = TestSpark.session();
    Views.register(spark, out.toString());
    String newest =
        "SELECT count(*) FROM (SELECT * FROM %s QUALIFY row_number() OVER (PARTITION BY %s"
            + " ORDER BY committed_at DESC, run_id DESC) = 1)";
    assertThat(duck(newest.formatted(files(table), quoted(table.identity()))))
        .containsExactly(List.of(spark.table(table.sqlName()).count()));
  }

  @Test
  void valuesAreThoseOfTheViews() throws SQLException {
    SparkSession spark = TestSpark.session();
    Views.register(spark, out.toString());
    String columns =
        "cell_id, matrix, layer, relative_error, sqnr_db, stored_bytes, effective_bits, dtype";
    List<List<Object>> expected = new ArrayList<>();
    for (Row row :
        spark.sql("SELECT " + columns + " FROM layer_metrics ORDER BY 1").collectAsList()) {
      List<Object> values = new ArrayList<>();
      for (int i = 0; i < row.size(); i++) {
        values.add(row.get(i));
      }
      expected.add(values);
    }
    assertThat(expected).hasSize(12);
    assertThat(duck("SELECT " + columns + " FROM " + files(Table.LAYER_METRICS) + " ORDER BY 1"))
        .isEqualTo(expected);
  }

  @Test
  void mapsListsTimesAndNullsAreNative() throws SQLException {
    assertThat(
            duck(
                "SELECT parameters['k'], len(aliases), aliases[2], typeof(parameters),"
                    + " typeof(aliases), typeof(committed_at),"
                    + " epoch_us(committed_at), group_size, error_message FROM "
                    + files(Table.CELLS)
                    + " WHERE cell_id = 'one0'"))
        .containsExactly(
            java.util.Arrays.asList(
                "16",
                2L,
                "naïve, \"quoted\"",
                "MAP(VARCHAR, VARCHAR)",
                "VARCHAR[]",
                "TIMESTAMP WITH TIME ZONE",
                Samples.START.getEpochSecond() * 1_000_000 + 123_457,
                null,
                null));
  }

  @Test
  void theDocumentedQueryRuns() throws SQLException, IOException {
    List<String> documented = Samples.documentedSql(2).toList();
    assertThat(documented).hasSize(1);
    assertThat(duck(documented.get(0).replace("'out/", "'" + out + "/"))).hasSize(12);
  }

  @Test
  void oneSweepByItsFolder() throws SQLException {
    assertThat(
            duck(
                "SELECT count(*), count(DISTINCT sweep) FROM read_parquet('%s/two/cells/*/*.parquet')"
                    .formatted(out)))
        .containsExactly(List.of(6L, 1L));
  }

  private String files(Table table) {
    return "read_parquet('%s/*/%s/*/*.parquet', hive_partitioning = false, union_by_name = true)"
        .formatted(out, table.sqlName());
  }

  private static String quoted(List<String> names) {
    return names.stream().map(name -> '"' + name + '"').reduce((a, b) -> a + ", " + b).get();
  }

  private static List<List<Object>> duck(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(sql)) {
      List<List<Object>> rows = new ArrayList<>();
      while (found.next()) {
        List<Object> row = new ArrayList<>();
        for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
          row.add(found.getObject(i));
        }
        rows.add(row);
      }
      return rows;
    }
  }
}
