package dev.assay.jobs.tables.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.InputException;
import dev.assay.jobs.tables.CellStatus;
import dev.assay.jobs.tables.Samples;
import dev.assay.jobs.tables.Stamp;
import dev.assay.jobs.tables.Table;
import dev.assay.jobs.tables.TestSpark;
import dev.assay.jobs.tables.land.Committer;
import dev.assay.jobs.tables.land.LandedRows;
import dev.assay.jobs.tables.land.OutputFolder;
import dev.assay.jobs.tables.land.OutputFolder.TableFolder;
import dev.assay.jobs.tables.land.ParquetEncoder;
import dev.assay.jobs.tables.read.Progress;
import dev.assay.jobs.tables.read.Reading;
import dev.assay.jobs.tables.read.Views;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompactionTest {
  private static final Duration DAY = Duration.ofHours(24);

  @TempDir private Path out;
  private final SparkSession spark = TestSpark.session();
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final ByteArrayOutputStream logged = new ByteArrayOutputStream();

  @Test
  void everyTableIsOneFileOfTheSameRows() throws IOException {
    landAll();
    Map<Table, List<String>> landed = landed();
    Map<Table, List<String>> newest = newest();
    List<String> results = view("results");
    assertThat(results).hasSize(4);
    assertThat(files(Table.CELLS)).hasSize(3);

    assertThat(compact(DAY)).isTrue();

    for (Table table : Table.values()) {
      assertThat(files(table))
          .as(table.sqlName())
          .singleElement()
          .asString()
          .matches(
              "quick/" + table.sqlName() + "/run=compacted-[0-9]{8}-[0-9]{6}-[0-9a-f]{8}/part-.*");
    }
    assertThat(landed()).isEqualTo(landed);
    assertThat(newest()).isEqualTo(newest);
    assertThat(view("results")).isEqualTo(results);
    assertThat(printed()).containsPattern("quick/cells: 3 -> 1 files, [0-9.]+ KiB -> [0-9.]+ KiB");
    // Its runs' folders are empty and gone: run-1 has ended, run-2 has not.
    assertThat(out.resolve("quick/cells/run=run-1")).doesNotExist();
    assertThat(out.resolve("quick/cells/run=run-2")).isEmptyDirectory();

    List<String> once = Samples.files(out);
    assertThat(compact(DAY)).isTrue();
    assertThat(Samples.files(out)).isEqualTo(once);
  }

  @Test
  void newFilesAreMergedIntoThoseOfTheLastCompaction() throws IOException {
    landAll();
    compact(DAY);
    Samples.land(out, "quick", "run-3", Samples.ticking(), Samples.doneCell("late"));
    Map<Table, List<String>> landed = landed();
    compact(DAY);
    assertThat(files(Table.CELLS)).hasSize(1);
    assertThat(landed()).isEqualTo(landed);
  }

  @Test
  void onlyTheSweepThatIsNamed() throws IOException {
    for (String sweep : List.of("one", "two")) {
      Samples.land(out, sweep, "run-1", Samples.ticking(), Samples.doneCell("a"));
      Samples.land(out, sweep, "run-2", Samples.ticking(), Samples.doneCell("b"));
    }
    compact(Optional.of("two"), DAY);
    assertThat(Samples.files(out.resolve("one"))).hasSize(2);
    assertThat(Samples.files(out.resolve("two"))).hasSize(1);
    assertThatThrownBy(() -> compact(Optional.of("tow"), DAY))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("holds no sweep tow")
        .hasMessageContaining("two");
  }

  @Test
  void largeFilesStayAndTheOthersAreMergedUpToTheSize() throws IOException {
    for (int i = 0; i < 7; i++) {
      Samples.land(out, "quick", "run-" + i, Samples.ticking(), Samples.doneCell("c" + i));
    }
    List<String> landed = landed(Table.CELLS);
    long one = Files.size(out.resolve(files(Table.CELLS).get(0)));
    Compaction compaction = compaction(Table.CELLS, 3 * one - 20);
    compaction.merge();
    compaction.removeMerged();
    // Three, three, and one that is left over.
    assertThat(files(Table.CELLS)).hasSize(3);
    assertThat(landed(Table.CELLS)).isEqualTo(landed);

    Compaction again = compaction(Table.CELLS, one);
    assertThat(again.merge()).as("all of them are large now").isFalse();
  }

  @Test
  void beforeMergedFilesAreRemovedRowsAreThereTwiceAndViewsShowThemOnce() throws IOException {
    landAll();
    Map<Table, List<String>> landed = landed();
    Map<Table, List<String>> newest = newest();
    for (Table table : Table.values()) {
      compaction(table, 1 << 20).merge(); // and then it is killed
    }
    assertThat(landed(Table.CELLS)).hasSize(2 * landed.get(Table.CELLS).size());
    assertThat(newest()).isEqualTo(newest);

    compact(DAY);
    assertThat(landed()).isEqualTo(landed);
    assertThat(files(Table.CELLS)).hasSize(1);
  }

  @Test
  void whatAnotherCompactionHalfRemovedIsRemovedByTheNext() throws IOException {
    landAll();
    Map<Table, List<String>> landed = landed();
    List<String> small = files(Table.CELLS);
    compaction(Table.CELLS, 1 << 20).merge();
    Files.delete(out.resolve(small.get(1)));
    compact(DAY);
    assertThat(landed()).isEqualTo(landed);
    assertThat(files(Table.CELLS)).hasSize(1);
  }

  @Test
  void twoAtOnceLoseNothingAndTheNextRemovesTheCopies() throws IOException {
    landAll();
    Compaction first = compaction(Table.CELLS, 1 << 20);
    Samples.land(out, "quick", "run-3", Samples.ticking(), Samples.doneCell("late"));
    Compaction second = compaction(Table.CELLS, 1 << 20);
    Map<Table, List<String>> landed = landed();
    Map<Table, List<String>> newest = newest();

    first.merge();
    second.merge();
    first.removeMerged();
    assertThat(newest()).isEqualTo(newest);
    second.removeMerged();
    assertThat(files(Table.CELLS)).hasSize(2);
    assertThat(newest()).isEqualTo(newest);

    compact(DAY);
    assertThat(files(Table.CELLS)).hasSize(1);
    assertThat(landed()).isEqualTo(landed);
  }

  @Test
  void oneThatComesLateToFilesThatAreGoneLeavesThemToTheFirst() throws IOException {
    landAll();
    Map<Table, List<String>> landed = landed();
    Compaction late = compaction(Table.CELLS, 1 << 20);
    compact(DAY);
    late.merge();
    late.removeMerged();
    assertThat(landed()).isEqualTo(landed);
    assertThat(Samples.files(out)).noneMatch(file -> file.endsWith(".tmp"));
  }

  @Test
  void damagedForeignAndNewerFilesAreLeftAlone() throws IOException {
    landAll();
    Samples.land(out, "quick", "run-3", Samples.ticking(), Samples.doneCell("x"));
    String damaged = files(Table.CELLS).stream().filter(f -> f.contains("run-3")).toList().get(0);
    byte[] content = Files.readAllBytes(out.resolve(damaged));
    content[new String(content, StandardCharsets.ISO_8859_1).indexOf("layer.0.mlp.up")] ^= 1;
    Files.write(out.resolve(damaged), content);
    Path run = out.resolve("quick/cells/run=run-1");
    StructType newer = Table.CELLS.schema().add("colour", DataTypes.StringType);
    Files.write(run.resolve("part-00009-newer.parquet"), encode(newer, "cells"));
    Files.write(run.resolve("part-00009-foreign.parquet"), encode(newer, "pictures"));
    Files.writeString(run.resolve("part-00009-short.parquet"), "PAR1");
    Path direct = out.resolve("quick/cells/part-00001-direct.parquet");
    Files.copy(out.resolve(files(Table.CELLS).get(1)), direct);
    Files.writeString(run.resolve("notes.txt"), "mine");

    assertThat(compact(Duration.ZERO)).isFalse();

    assertThat(files(Table.CELLS))
        .contains(damaged)
        .anyMatch(file -> file.endsWith("part-00009-newer.parquet"))
        .anyMatch(file -> file.endsWith("part-00009-foreign.parquet"))
        .anyMatch(file -> file.endsWith("part-00009-short.parquet"))
        .hasSize(5);
    assertThat(direct).exists();
    assertThat(run.resolve("notes.txt")).exists();
    assertThat(logged())
        .contains(damaged + ": is damaged (")
        .contains("newer.parquet: has a column that this version of Assay does not know, colour")
        .contains("foreign.parquet: was not written as a file of cells")
        .contains("short.parquet: is damaged (");
  }

  /** A column that came later may be NULL; what an older file lacks stays without a value. */
  @Test
  void filesOfAnOlderVersionAreMerged() throws IOException {
    landAll();
    StructType older =
        DataTypes.createStructType(
            Arrays.stream(Table.LAYER_METRICS.schema().fields())
                .filter(field -> !field.name().equals("cosine"))
                .toArray(StructField[]::new));
    Object[] row =
        Table.LAYER_METRICS.values(
            Samples.metrics("old", "w", 0.5), new Stamp(0, "run-0", "quick", Samples.START));
    List<Object> values = new ArrayList<>(Arrays.asList(row));
    values.remove(Table.LAYER_METRICS.schema().fieldIndex("cosine"));
    Path folder = Files.createDirectories(out.resolve("quick/layer_metrics/run=run-0"));
    Files.write(
        folder.resolve("part-00001-old.parquet"),
        ParquetEncoder.encode(
            older, Map.of("assay.table", "layer_metrics"), List.<Object[]>of(values.toArray())));
    Map<Table, List<String>> landed = landed();
    assertThat(compact(DAY)).isTrue();
    assertThat(files(Table.LAYER_METRICS)).hasSize(1);
    assertThat(landed()).isEqualTo(landed);
    assertThat(landed.get(Table.LAYER_METRICS))
        .anyMatch(line -> line.startsWith("0|run-0|quick|old|"));
  }

  @Test
  void aReaderThatHasListedMergedFilesListsAgain() throws IOException {
    landAll();
    Map<String, CellStatus> cells = Progress.read(spark, out.toString()).cells();
    List<OutputFolder> seen = new ArrayList<>();
    long rows =
        Reading.of(
            spark,
            out.toString(),
            folder -> {
              seen.add(folder);
              folder.folders(Table.CELLS);
              if (seen.size() == 1) {
                compactQuietly();
              }
              return Views.files(spark, folder, Table.CELLS).count();
            });
    assertThat(seen).hasSize(2);
    assertThat(rows).isEqualTo(4);
    long late =
        Reading.of(
            spark,
            out.toString(),
            folder -> {
              var files = Views.files(spark, folder, Table.CELLS);
              if (seen.size() == 2) {
                seen.add(folder);
                landQuietly();
                compactQuietly();
              }
              return files.count();
            });
    assertThat(late).isEqualTo(5);
    assertThat(Progress.read(spark, out.toString()).cells()).isEqualTo(cells);
  }

  @Test
  void whatEndedRunsAndOldOnesHaveLeftIsRemoved() throws IOException {
    landAll(); // run-1 has ended, run-2 has not
    List<Path> ofEnded =
        List.of(
            touch("quick/cells/run=run-1/.part-00001-%s.parquet.tmp".formatted("a".repeat(32))),
            touch("quick/scratch/run-1/deep/0001.safetensors"));
    List<Path> ofAlive =
        List.of(
            touch("quick/cells/run=run-2/.part-00001-%s.parquet.tmp".formatted("b".repeat(32))),
            touch("quick/scratch/run-2/deep/0001.safetensors"),
            touch("quick/factors/.abc-12345678-1234-1234-1234-123456789abc.tmp"),
            touch(".exported-12345678-1234-1234-1234-123456789abc.tmp/model.safetensors"),
            touch(".assay-12345678-1234-1234-1234-123456789abc"));
    List<Path> foreign =
        List.of(
            touch("quick/cells/run=run-1/.part-mine.tmp"),
            touch("quick/factors/abc.safetensors"),
            touch("quick/.git/config"),
            touch("exported/.hidden-12345678-1234-1234-1234-123456789abc.tmp"),
            touch(".notes.tmp"));
    compact(DAY);
    assertThat(ofEnded).allSatisfy(path -> assertThat(path).doesNotExist());
    assertThat(ofAlive).allSatisfy(path -> assertThat(path).exists());
    assertThat(logged()).contains("Kept ", "/scratch/run-2: its run has not ended");
    assertThat(printed()).contains("Removed ", "/scratch/run-1");

    ofAlive.forEach(this::age);
    Path fresh = touch("quick/scratch/run-2/deep/0002.safetensors");
    compact(DAY);
    assertThat(ofAlive.get(1)).as("something in it is new").exists();
    age(fresh);
    compact(DAY);
    assertThat(ofAlive).allSatisfy(path -> assertThat(path).doesNotExist());
    assertThat(out.resolve("quick/scratch")).doesNotExist();
    assertThat(foreign).allSatisfy(path -> assertThat(path).exists());
  }

  /** Rows of every table by two runs, with one that failed and was done again. */
  private void landAll() throws IOException {
    try (Committer committer = Samples.committer(out, "quick", "run-1", Samples.ticking())) {
      committer.append(List.of(Samples.startedRun(), Samples.failedCell("a")));
      committer.commit();
      committer.append(
          List.of(
              Samples.doneCell("b"),
              Samples.metrics("b", "up", 0.1),
              Samples.bareMetrics("b", "embeddings"),
              Samples.output("b", "up"),
              Samples.overlap("o1"),
              Samples.allocation("mixed(bits=4)", "up"),
              Samples.accuracy("t1"),
              Samples.prediction("t1", 0),
              Samples.comparison("c1"),
              Samples.endedRun()));
      committer.append(Samples.spectrum("f1", 3));
    }
    try (Committer committer = Samples.committer(out, "quick", "run-2", Samples.ticking())) {
      committer.append(
          List.of(
              Samples.startedRun(),
              Samples.doneCell("a"),
              Samples.doneCell("c"),
              Samples.metrics("a", "up", 0.1),
              Samples.metrics("c", "up", 0.0),
              Samples.output("a", "up"),
              Samples.overlap("o2"),
              Samples.allocation("mixed(bits=4)", "down"),
              Samples.spearman("t2"),
              Samples.prediction("t2", 0),
              Samples.comparison("c2")));
      committer.append(Samples.spectrum("f2", 2));
    }
  }

  private boolean compact(Duration olderThan) throws IOException {
    return compact(Optional.empty(), olderThan);
  }

  private boolean compact(Optional<String> sweep, Duration olderThan) throws IOException {
    return new Compactor(
            spark,
            new Compactor.Request(out.toString(), sweep, Duration.ZERO, olderThan),
            new PrintStream(printed, true, StandardCharsets.UTF_8),
            new PrintStream(logged, true, StandardCharsets.UTF_8))
        .run();
  }

  private void compactQuietly() {
    try {
      compact(DAY);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void landQuietly() {
    try {
      Samples.land(out, "quick", "run-4", Samples.ticking(), Samples.doneCell("a"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Compaction compaction(Table table, long targetBytes) throws IOException {
    Configuration conf = new Configuration();
    TableFolder folder = OutputFolder.open(conf, out.toString()).tableFolders(table).get(0);
    String id = "test-" + Samples.files(out).size() + "-" + System.nanoTime();
    return new Compaction(table, folder, id, targetBytes, conf);
  }

  private List<String> files(Table table) throws IOException {
    return Samples.files(out).stream()
        .filter(file -> file.startsWith("quick/" + table.sqlName() + "/run="))
        .filter(file -> file.endsWith(".parquet"))
        .toList();
  }

  private Map<Table, List<String>> landed() {
    return new LandedRows(out.resolve("quick")).all();
  }

  private List<String> landed(Table table) {
    return new LandedRows(out.resolve("quick")).all(table);
  }

  private Map<Table, List<String>> newest() {
    return new LandedRows(out.resolve("quick")).newest();
  }

  /** What Spark's views show. */
  private List<String> view(String name) {
    Views.register(spark, out.toString());
    return spark.table(name).toJSON().collectAsList().stream().sorted().toList();
  }

  private static byte[] encode(StructType schema, String table) throws IOException {
    List<Object> values =
        new ArrayList<>(
            Arrays.asList(
                Table.CELLS.values(
                    Samples.doneCell("n"), new Stamp(2, "run-9", "quick", Samples.START))));
    values.add("red");
    return ParquetEncoder.encode(
        schema, Map.of("assay.table", table), List.<Object[]>of(values.toArray()));
  }

  private Path touch(String name) throws IOException {
    Path file = out.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, "x");
  }

  /** Makes a file, and the folders around it below the output, two days old. */
  private void age(Path file) {
    try {
      for (Path path = file; !path.equals(out); path = path.getParent()) {
        Files.setLastModifiedTime(path, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private String printed() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  private String logged() {
    return logged.toString(StandardCharsets.UTF_8);
  }
}
