package dev.assay.jobs.tables.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.InputException;
import dev.assay.jobs.tables.Samples;
import dev.assay.jobs.tables.TestSpark;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqlCommandTest {
  private final SparkSession spark = TestSpark.session();
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();
  private final ByteArrayOutputStream remarks = new ByteArrayOutputStream();

  @TempDir private static Path out;

  @BeforeAll
  static void land() throws IOException {
    Samples.land(
        out,
        "quick",
        "run-1",
        Samples.at(Samples.START),
        Samples.endedRun(),
        Samples.doneCell("a"),
        Samples.failedCell("b"),
        Samples.metrics("a", "layer.0.up", 0.123456789),
        Samples.metrics("a", "layer.0.down", 0.00000125),
        Samples.bareMetrics("a", "embeddings"));
  }

  @Test
  void tableAlignsColumns() {
    assertThat(
            run(
                "SELECT matrix, layer, relative_error, stored_bytes FROM layer_metrics"
                    + " ORDER BY matrix",
                Format.TABLE))
        .isEqualTo(
            """
            matrix        layer  relative_error  stored_bytes
            ------------  -----  --------------  ------------
            embeddings     NULL            NULL            34
            layer.0.down      0         1.25e-6            34
            layer.0.up        0        0.123457            34
            """);
  }

  @Test
  void tableShowsEveryKindOfValue() {
    assertThat(
            run(
                "SELECT * FROM VALUES"
                    + " ('naïve', 1.0D, TRUE, map('k', '1'), array('a', NULL)),"
                    + " ('two\nlines\t', double('inf'), NULL, map(), array()),"
                    + " ('日本', -123456.789D, FALSE, NULL, NULL),"
                    + " ('', 2e20D, FALSE, NULL, NULL),"
                    + " (NULL, 1e14D, FALSE, NULL, NULL)"
                    + " AS t(text, `a real`, flag, entries, list)",
                Format.TABLE))
        .isEqualTo(
            """
            text                     a real  flag   entries    list
            ------------  -----------------  -----  ---------  ----------
            naïve                       1.0  true   {"k":"1"}  ["a",null]
            two\\nlines\\t           Infinity  NULL   {}         []
            日本                    -123457.0  false  NULL       NULL
                                       2e20  false  NULL       NULL
            NULL          100000000000000.0  false  NULL       NULL
            """);
  }

  @Test
  void tableOfNoRowsIsItsHeader() {
    assertThat(run("SELECT index FROM spectrum", Format.TABLE)).isEqualTo("index\n-----\n");
  }

  @Test
  void tableIsCutWithARemark() {
    String text = run("SELECT id FROM range(" + (ResultPrinter.TABLE_ROWS + 5) + ")", Format.TABLE);
    assertThat(text.lines()).hasSize(2 + ResultPrinter.TABLE_ROWS);
    assertThat(remarks.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "The first 10000 rows; format=csv and format=json print every row"
                + System.lineSeparator());
  }

  @Test
  void csvIsRfc4180() {
    assertThat(
            run(
                "SELECT cell_id, aliases, parameters, bits, sparsity, error_message, committed_at,"
                    + " '' AS `empty, text` FROM cells ORDER BY cell_id",
                Format.CSV))
        .isEqualTo(
            String.join(
                "\r\n",
                "cell_id,aliases,parameters,bits,sparsity,error_message,committed_at,\"empty,"
                    + " text\"",
                "a,\"[\"\"svd-preserve k=16\"\",\"\"naïve, \\\"\"quoted\\\"\"\"\"]\","
                    + "\"{\"\"bits\"\":\"\"4\"\",\"\"k\"\":\"\"16\"\"}\",4,,,"
                    + "2026-11-22T10:00:00.123456Z,\"\"",
                "b,\"[\"\"svd-preserve k=16\"\",\"\"naïve, \\\"\"quoted\\\"\"\"\"]\","
                    + "\"{\"\"bits\"\":\"\"4\"\",\"\"k\"\":\"\"16\"\"}\",4,,not positive definite,"
                    + "2026-11-22T10:00:00.123456Z,\"\"",
                ""));
  }

  @Test
  void csvKeepsEveryDigit() {
    assertThat(
            run(
                "SELECT relative_error, double('nan') AS x FROM layer_metrics WHERE layer = 0"
                    + " ORDER BY matrix",
                Format.CSV))
        .isEqualTo("relative_error,x\r\n1.25E-6,NaN\r\n0.123456789,NaN\r\n");
  }

  @Test
  void jsonIsTyped() {
    assertThat(
            run(
                "SELECT cell_id, bits, sparsity, keep, seconds, parameters, aliases, committed_at,"
                    + " status = 'DONE' AS `is.done`, double('-inf') AS x FROM cells"
                    + " WHERE cell_id = 'a'",
                Format.JSON))
        .isEqualTo(
            """
            {"cell_id":"a","bits":4,"sparsity":null,"keep":16,"seconds":0.25,\
            "parameters":{"bits":"4","k":"16"},\
            "aliases":["svd-preserve k=16","naïve, \\"quoted\\""],\
            "committed_at":"2026-11-22T10:00:00.123456Z","is.done":true,"x":"-Infinity"}
            """);
  }

  @Test
  void jsonRefusesTwoColumnsOfOneName() {
    assertThatThrownBy(() -> run("SELECT 1 AS x, 2 AS x", Format.JSON))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("two columns are called x");
    assertThat(run("SELECT 1 AS x, 2 AS x", Format.CSV)).isEqualTo("x,x\r\n1,2\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "WITH d AS (SELECT * FROM cells WHERE status = 'DONE') SELECT count(*) AS n FROM d",
        "SELECT count(*) AS n FROM results GROUP BY recipe HAVING count(*) = 1 OR true LIMIT 1",
        "VALUES (1)",
        "TABLE runs;",
        "SHOW TABLES",
        "DESCRIBE cells",
        "EXPLAIN SELECT 1"
      })
  void statementsThatReadAreRun(String sql) {
    assertThat(run(sql, Format.CSV).lines()).hasSizeGreaterThan(1);
    assertThat(remarks.size()).isZero();
  }

  @Test
  void describeTellsWhatColumnsMean() {
    assertThat(run("DESCRIBE layer_metrics", Format.CSV))
        .contains("stored_bytes,bigint,\"payload bytes of every tensor stored")
        .startsWith("col_name,data_type,comment\r\nschema_version,int,");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE TABLE t AS SELECT 1",
        "CREATE OR REPLACE TEMP VIEW cells AS SELECT 1",
        "DROP VIEW cells",
        "INSERT INTO cells SELECT * FROM cells",
        "WITH x AS (SELECT 1) INSERT INTO cells SELECT * FROM x",
        "FROM cells INSERT INTO t SELECT * INSERT INTO u SELECT *",
        "INSERT OVERWRITE DIRECTORY 'x' USING parquet SELECT 1",
        "DELETE FROM cells",
        "SET spark.sql.shuffle.partitions = 1",
        "CACHE TABLE cells",
        "ADD JAR x.jar",
        "BEGIN DROP VIEW cells; END"
      })
  void statementsThatWriteAreRefused(String sql) throws IOException {
    assertThatThrownBy(() -> run(sql, Format.TABLE))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "SQL: only statements that read are run, and this one does not: "
                + sql
                + ". Use SELECT, WITH, VALUES, SHOW, DESCRIBE or EXPLAIN");
    assertThat(data.size()).isZero();
    assertThat(Samples.files(out)).hasSize(3);
  }

  @ParameterizedTest
  @MethodSource("documentedQueries")
  void documentedQueriesRun(String sql) {
    assertThat(run(sql, Format.CSV)).isNotEmpty();
  }

  static Stream<String> documentedQueries() throws IOException {
    return Stream.concat(Samples.documentedSql(0), Samples.documentedSql(1));
  }

  @Test
  void whatIsNotSqlIsOneLine() {
    assertThatThrownBy(() -> run("SELECT bits FORM cells WHERE", Format.TABLE))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("SQL: Syntax error at or near")
        .hasMessageContaining(
            "Views: allocations, cells, comparisons, layer_metrics, model_metrics, output_metrics,"
                + " predictions, runs, selection_overlap, spectrum, results");
    assertThat(data.size()).isZero();
  }

  @Test
  void anUnknownViewListsTheViews() {
    assertThatThrownBy(() -> run("SELECT * FROM cell", Format.TABLE))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("`cell` cannot be found")
        .hasMessageEndingWith(
            "Views: allocations, cells, comparisons, layer_metrics, model_metrics, output_metrics,"
                + " predictions, runs, selection_overlap, spectrum, results");
  }

  @Test
  void anUnknownColumnListsTheColumns() {
    assertThatThrownBy(() -> run("SELECT bit FROM cells", Format.TABLE))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("`bit`")
        .hasMessageContaining("Did you mean")
        .hasMessageContaining("columns of cells: schema_version, run_id, sweep, cell_id");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  \n"})
  void nothingIsNoStatement(String sql) {
    assertThatThrownBy(() -> run(sql, Format.TABLE))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("SQL: the statement is empty");
  }

  @ParameterizedTest
  @EnumSource
  void aValueThatCannotBeIsTheQuerysFault(Format format) {
    assertThatThrownBy(() -> run("SELECT CAST(matrix AS INT) FROM layer_metrics", format))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("cannot be cast to \"INT\"");
  }

  @Test
  void anOutputWithoutSweepsIsRemarked(@TempDir Path empty) {
    new SqlCommand(print(data), print(remarks))
        .run(spark, empty.toString(), "SELECT count(*) AS n FROM cells", Format.CSV);
    assertThat(data.toString(StandardCharsets.UTF_8)).isEqualTo("n\r\n0\r\n");
    assertThat(remarks.toString(StandardCharsets.UTF_8)).contains("no sweep has written here");
  }

  @Test
  void theCallersSessionStaysAsItIs() {
    run("SELECT 1", Format.TABLE);
    assertThat(spark.catalog().listTables().count()).isZero();
    assertThat(spark.conf().get("spark.sql.session.timeZone")).isEqualTo("America/St_Johns");
  }

  @Test
  void printingStopsWhenNobodyReads() {
    Closed closed = new Closed();
    new SqlCommand(print(closed), print(remarks))
        .run(spark, out.toString(), "SELECT id FROM range(1000000)", Format.CSV);
    assertThat(closed.bytes).isLessThan(100_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"table", "TABLE", "Table"})
  void formatsHaveNames(String name) {
    assertThat(Format.parse(name)).isEqualTo(Format.TABLE);
  }

  @Test
  void anUnknownFormatListsTheFormats() {
    assertThatThrownBy(() -> Format.parse("xml"))
        .isInstanceOf(InputException.class)
        .hasMessage("format: \"xml\" is not an output format. Use table, csv or json");
  }

  private String run(String sql, Format format) {
    data.reset();
    new SqlCommand(print(data), print(remarks)).run(spark, out.toString(), sql, format);
    return data.toString(StandardCharsets.UTF_8);
  }

  private static PrintStream print(OutputStream stream) {
    return new PrintStream(stream, false, StandardCharsets.UTF_8);
  }

  /** A pipe whose reader has gone. */
  private static final class Closed extends OutputStream {
    private int bytes;

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
      bytes += length;
      throw new IOException("Broken pipe");
    }
  }
}
