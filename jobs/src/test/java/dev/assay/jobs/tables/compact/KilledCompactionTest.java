package dev.assay.jobs.tables.compact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.jobs.JavaProcess;
import dev.assay.jobs.tables.Samples;
import dev.assay.jobs.tables.Table;
import dev.assay.jobs.tables.land.Committer;
import dev.assay.jobs.tables.land.LandedRows;
import dev.assay.jobs.tables.land.OutputFolder;
import dev.assay.jobs.tables.land.OutputFolder.TableFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A compaction killed with no chance to tidy up, at whatever point it has reached. */
class KilledCompactionTest {
  private static final int KILLS = 5;

  @TempDir private Path out;

  @Test
  void nothingIsLostAndTheNextCompactionTidiesUp() throws Exception {
    for (int kill = 0; kill < KILLS; kill++) {
      kill(kill);
    }
    LandedRows rows = new LandedRows(out.resolve("quick"));
    List<String> cells = rows.newest(Table.CELLS);
    assertWhole(cells);
    for (Table table : List.of(Table.CELLS, Table.LAYER_METRICS)) {
      List<String> newest = rows.newest(table);
      compact(out);
      compact(out); // the first may only have removed what the killed ones had merged
      assertThat(rows.all(table)).isEqualTo(newest);
      assertThat(files(table)).isEqualTo(1);
    }
    // Metrics land before their cell, so a kill in between leaves some of a cell that is not there.
    Set<String> ids = cells.stream().map(KilledCompactionTest::id).collect(Collectors.toSet());
    assertThat(rows.all(Table.LAYER_METRICS).stream().filter(row -> ids.contains(id(row))))
        .hasSize(2 * cells.size());
  }

  /** Of every run all cells up to the last one. */
  private static void assertWhole(List<String> cells) {
    for (int kill = 0; kill < KILLS; kill++) {
      String run = "run-" + kill;
      List<Integer> numbers =
          cells.stream()
              .map(KilledCompactionTest::id)
              .filter(id -> id.startsWith(run + "."))
              .map(id -> Integer.valueOf(id.substring(id.indexOf('.') + 1)))
              .sorted()
              .toList();
      assertThat(numbers).as(run).isNotEmpty();
      for (int i = 0; i < numbers.size(); i++) {
        assertThat(numbers.get(i)).as(run).isEqualTo(i);
      }
    }
  }

  private static String id(String row) {
    return row.split("\\|", -1)[3];
  }

  private void kill(int number) throws Exception {
    Path log = out.resolve("log-" + number);
    Process process = JavaProcess.start(Endless.class, log, out.toString(), "run-" + number);
    try {
      Path compacted = out.resolve("compacted-run-" + number);
      while (process.isAlive() && !Files.exists(compacted)) {
        process.waitFor(1, TimeUnit.MILLISECONDS);
      }
      process.waitFor(7L * number, TimeUnit.MILLISECONDS);
      assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private long files(Table table) throws IOException {
    try (Stream<Path> all = Files.walk(out.resolve("quick").resolve(table.sqlName()))) {
      return all.filter(path -> path.getFileName().toString().matches("part-.*\\.parquet")).count();
    }
  }

  private static void compact(Path out) throws IOException {
    Configuration conf = new Configuration();
    for (Table table : Table.values()) {
      OutputFolder output = OutputFolder.open(conf, out.resolve("quick").toString());
      for (TableFolder folder : output.tableFolders(table)) {
        String id = UUID.randomUUID().toString();
        Compaction compaction = new Compaction(table, folder, id, 1 << 20, conf);
        compaction.merge();
        compaction.removeMerged();
      }
    }
  }

  /** Commits cells and compacts them, until it is killed. */
  static final class Endless {
    private Endless() {}

    public static void main(String[] args) throws IOException {
      Path out = Path.of(args[0]);
      try (Committer committer = Samples.committer(out, "quick", args[1], Clock.systemUTC())) {
        for (int i = 0; ; i++) {
          String id = args[1] + "." + i;
          committer.append(
              List.of(
                  Samples.doneCell(id),
                  Samples.metrics(id, "up", 0.1),
                  Samples.metrics(id, "down", 0.2)));
          committer.commit();
          if (i % 4 == 3) {
            compact(out);
            Files.writeString(out.resolve("compacted-" + args[1]), "");
          }
        }
      }
    }
  }
}
