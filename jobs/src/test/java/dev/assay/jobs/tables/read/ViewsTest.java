package dev.assay.jobs.tables.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.assay.InputException;
import dev.assay.jobs.tables.Samples;
import dev.assay.jobs.tables.Table;
import dev.assay.jobs.tables.TableRow;
import dev.assay.jobs.tables.TableTest;
import dev.assay.jobs.tables.TestSpark;
import dev.assay.jobs.tables.land.Committer;
import dev.assay.jobs.tables.land.ParquetEncoder;
import dev.assay.jobs.tables.sql.Format;
import dev.assay.jobs.tables.sql.SqlCommand;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ViewsTest {
  private final SparkSession spark = TestSpark.session();

  @TempDir private Path out;

  @ParameterizedTest
  @EnumSource
  void viewsHaveTheTablesColumns(Table table) throws IOException {
    Samples.land(
        out, "quick", "run-1", Samples.ticking(), TableTest.rows().toArray(TableRow[]::new));
    assertThat(Views.register(spark, out.toString())).isTrue();
    assertThat(spark.table(table.sqlName()).columns()).containsExactly(table.schema().fieldNames());
    assertThat(spark.table(table.sqlName()).count()).isEqualTo(1);
  }

  @Test
  void tablesWithoutFilesAreEmpty() {
    assertThat(Views.register(spark, out.toString())).isFalse();
    for (String view : Views.names()) {
      assertThat(spark.table(view).count()).isZero();
    }
    assertThat(spark.table("runs").columns()).containsExactly(Table.RUNS.schema().fieldNames());
  }

  @Test
  void theNewestRowOfAnIdentityCounts() throws IOException {
    Instant early = Samples.START;
    Instant late = early.plusSeconds(60);
    Samples.land(out, "quick", "run-b", Samples.at(late), Samples.doneCell("a"));
    Samples.land(out, "quick", "run-c", Samples.at(early), Samples.failedCell("a"));
    Samples.land(out, "quick", "run-d", Samples.at(early), Samples.failedCell("b"));
    Samples.land(out, "quick", "run-e", Samples.at(early), Samples.doneCell("b"));
    try (Committer committer = Samples.committer(out, "quick", "run-f", Samples.ticking())) {
      committer.append(List.of(Samples.startedRun()));
      committer.commit();
      committer.append(List.of(Samples.endedRun()));
    }
    Views.register(spark, out.toString());
    assertThat(query("SELECT cell_id, status, run_id FROM cells ORDER BY cell_id"))
        .containsExactly("[a,DONE,run-b]", "[b,DONE,run-e]");
    assertThat(query("SELECT run_id, status, cells_done FROM runs"))
        .containsExactly("[run-f,DONE,2]");
  }

  @Test
  void rowsOfDifferentMatricesAndIndexesStandBesideEachOther() throws IOException {
    Samples.land(
        out,
        "quick",
        "run-1",
        Samples.ticking(),
        Samples.metrics("a", "up", 0.1),
        Samples.metrics("a", "down", 0.2),
        Samples.singularValue("f", 1),
        Samples.singularValue("f", 2));
    Views.register(spark, out.toString());
    assertThat(spark.table("layer_metrics").count()).isEqualTo(2);
    assertThat(query("SELECT index FROM spectrum ORDER BY index")).containsExactly("[1]", "[2]");
  }

  @Test
  void resultsJoinWhatWasDone() throws IOException {
    Samples.land(
        out,
        "quick",
        "run-1",
        Samples.ticking(),
        Samples.doneCell("a"),
        Samples.failedCell("b"),
        Samples.metrics("a", "up", 0.1),
        Samples.metrics("a", "down", 0.2),
        Samples.metrics("b", "up", 0.3));
    Views.register(spark, out.toString());
    assertThat(query("SELECT cell_id, recipe, matrix, relative_error FROM results ORDER BY matrix"))
        .containsExactly("[a,svd-preserve,down,0.2]", "[a,svd-preserve,up,0.1]");
    assertThat(spark.table("results").columns()).doesNotHaveDuplicates();
  }

  @Test
  void aCellThatTwoSweepsHoldIsARowOfEach() throws IOException {
    for (String sweep : new String[] {"one", "two"}) {
      Samples.land(
          out,
          sweep,
          "run-" + sweep,
          Samples.ticking(),
          Samples.doneCell("a"),
          Samples.metrics("a", "up", 0.1));
    }
    Views.register(spark, out.toString());
    assertThat(query("SELECT sweep, cell_id, matrix FROM results ORDER BY 1"))
        .containsExactly("[one,a,up]", "[two,a,up]");
  }

  @Test
  void allSweepsOrOne() throws IOException {
    Samples.land(out, "one", "run-1", Samples.ticking(), Samples.doneCell("a"));
    Samples.land(out, "two", "run-2", Samples.ticking(), Samples.doneCell("b"));
    Views.register(spark, out.toString());
    assertThat(query("SELECT sweep, cell_id FROM cells ORDER BY 1"))
        .containsExactly("[one,a]", "[two,b]");
    Views.register(spark, out.resolve("two").toString());
    assertThat(query("SELECT sweep, cell_id FROM cells")).containsExactly("[two,b]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "a[1-2]", "a{b,c}", "a*?", "50%20", "run=1", "é"})
  void foldersMayHaveAnyName(String name) throws IOException {
    Path folder = out.resolve(name);
    Samples.land(folder, "quick", "run-1", Samples.ticking(), Samples.doneCell("a"));
    Samples.land(out.resolve("a1"), "quick", "run-1", Samples.ticking(), Samples.doneCell("b"));
    Views.register(spark, folder.toString());
    assertThat(query("SELECT cell_id FROM cells")).containsExactly("[a]");
  }

  @Test
  void foreignAndHiddenFilesAreNotRead() throws IOException {
    Samples.land(
        out, "quick", "run-1", Samples.ticking(), Samples.doneCell("a"), Samples.startedRun());
    Path cells = out.resolve("quick/cells");
    byte[] content = Files.readAllBytes(Samples.onlyFile(out, Table.CELLS));
    for (String foreign :
        List.of(
            "notes.txt",
            "run=run-1/.part-00001-ab.parquet.tmp",
            "run=run-1/.part-00001-ab.parquet",
            "run=run-1/other.parquet",
            "_old/part-00001-ab.parquet",
            ".git/part-00001-ab.parquet",
            "../factors/part-00001-ab.parquet",
            "../../.trash/cells/part-00001-ab.parquet",
            "../../README")) {
      Path file = cells.resolve(foreign);
      Files.createDirectories(file.getParent());
      Files.writeString(file, "not a table");
    }
    Views.register(spark, out.toString());
    assertThat(query("SELECT cell_id FROM cells")).containsExactly("[a]");
    Files.write(cells.resolve("run=run-1/part-00002-ab.parquet"), content);
    Views.register(spark, out.toString());
    assertThat(query("SELECT cell_id FROM cells")).containsExactly("[a]");
  }

  /** A file of a version that had fewer columns, in another order, and of one that has more. */
  @Test
  void olderAndNewerFilesAreRead() throws IOException {
    Samples.land(out, "quick", "run-1", Samples.ticking(), Samples.doneCell("a"));
    StructType older =
        pick(Table.CELLS, "cell_id", "run_id", "sweep", "status", "schema_version", "committed_at");
    Path folder = Samples.onlyFile(out, Table.CELLS).getParent();
    Files.write(
        folder.resolve("part-00002-old.parquet"),
        ParquetEncoder.encode(
            older,
            Map.of(),
            List.<Object[]>of(new Object[] {"old", "run-0", "quick", "DONE", 0, Samples.START})));
    StructType newer = older.add("colour", DataTypes.StringType);
    Files.write(
        folder.resolve("part-00003-new.parquet"),
        ParquetEncoder.encode(
            newer,
            Map.of(),
            List.<Object[]>of(
                new Object[] {"new", "run-2", "quick", "DONE", 2, Samples.START, "red"})));
    Views.register(spark, out.toString());
    assertThat(query("SELECT cell_id, schema_version, bits, recipe FROM cells ORDER BY 1"))
        .containsExactly("[a,1,4,svd-preserve]", "[new,2,null,null]", "[old,0,null,null]");
  }

  @Test
  void aFileCutShortIsOneErrorThatNamesIt() throws IOException {
    Path file = landedCells();
    byte[] content = Files.readAllBytes(file);
    for (int length : new int[] {0, 11, 12, content.length / 2, content.length - 1}) {
      Files.write(file, Arrays.copyOf(content, length));
      assertDamaged(file, "SELECT * FROM cells");
    }
    assertThatThrownBy(() -> Progress.read(spark, out.toString()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(file.getFileName() + ": this table's file is damaged");
  }

  @Test
  void aFlippedBitInAPageIsOneErrorThatNamesTheFile() throws IOException {
    Path file = landedCells();
    byte[] content = Files.readAllBytes(file);
    String text = new String(content, StandardCharsets.ISO_8859_1);
    content[text.indexOf("layer.0.mlp.up")] ^= 1;
    Files.write(file, content);
    assertDamaged(file, "SELECT unit FROM cells");
  }

  @Test
  void aFileOfAnotherShapeIsOneErrorThatNamesIt() throws IOException {
    Path file = landedCells();
    StructType other = new StructType().add("cell_id", DataTypes.DoubleType);
    Files.write(
        file, ParquetEncoder.encode(other, Map.of(), List.<Object[]>of(new Object[] {1.0})));
    assertDamaged(file, "SELECT cell_id FROM cells");
  }

  @Test
  void otherTablesAreReadBesideADamagedOne() throws IOException {
    Path file = landedCells();
    Files.writeString(file, "a page of prose, not Parquet");
    Views.register(spark, out.toString());
    assertThat(query("SELECT status FROM runs")).containsExactly("[STARTED]");
  }

  @Test
  void aFileIsNoOutputFolder() throws IOException {
    Path file = Files.writeString(out.resolve("file"), "x");
    assertThatThrownBy(() -> Views.register(spark, file.toString()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("is a regular file, not an output folder");
  }

  private Path landedCells() throws IOException {
    Samples.land(
        out, "quick", "run-1", Samples.ticking(), Samples.doneCell("a"), Samples.startedRun());
    return Samples.onlyFile(out, Table.CELLS);
  }

  private void assertDamaged(Path file, String sql) {
    SqlCommand command = new SqlCommand(silent(), silent());
    assertThat(
            catchThrowableOfType(
                InputException.class, () -> command.run(spark, out.toString(), sql, Format.CSV)))
        .isNotNull()
        .hasMessageStartingWith("file:")
        .hasMessageContaining(file.getFileName() + ": this table's file is damaged")
        .hasMessageContaining("delete it");
  }

  private static PrintStream silent() {
    return new PrintStream(PrintStream.nullOutputStream(), false, StandardCharsets.UTF_8);
  }

  private static StructType pick(Table table, String... names) {
    return DataTypes.createStructType(
        Arrays.stream(names)
            .map(name -> table.schema().fields()[table.schema().fieldIndex(name)])
            .toArray(StructField[]::new));
  }

  private List<String> query(String sql) {
    return spark.sql(sql).collectAsList().stream().map(Row::toString).toList();
  }
}
