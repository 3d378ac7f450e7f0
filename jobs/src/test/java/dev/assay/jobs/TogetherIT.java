package dev.assay.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.jobs.tables.sql.Format;
import dev.assay.jobs.tables.sql.SqlCommand;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Drivers that sweep into one output at once, two of them the same sweep; and who reads there. */
@Tag("slow")
class TogetherIT {
  private static final int CELLS = 6 * 37;

  /** Cells without metrics, and rows that a view has twice for one id. */
  private static final String HALF =
      "SELECT (SELECT count(*) FROM cells c LEFT ANTI JOIN layer_metrics m"
          + " ON m.sweep = c.sweep AND m.cell_id = c.cell_id WHERE c.status = 'DONE') AS bare,"
          + " (SELECT count(*) - count(DISTINCT sweep, cell_id) FROM cells) AS twice,"
          + " (SELECT count(*) FROM results) AS results";

  @TempDir Path temporary;

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  @Test
  void sweepsAtOnceAreAllCompleteAndReadersSeeNoHalves() throws Exception {
    Map<String, Process> drivers = new TreeMap<>();
    for (String driver : List.of("one-a", "one-b", "two")) {
      List<String> sweep = command(sweep(driver.substring(0, 3)));
      drivers.put(driver, Submit.start(temporary.resolve(driver), Map.of(), sweep));
    }
    Path out = temporary.resolve("out");
    long seen = 0;
    int asked = 0;
    while (drivers.values().stream().anyMatch(Process::isAlive)) {
      if (!Files.exists(out.resolve("one/runs")) || !Files.exists(out.resolve("two/runs"))) {
        Thread.sleep(100);
        continue;
      }
      long results = assertNoHalves(out);
      assertThat(results).isGreaterThanOrEqualTo(seen);
      seen = results;
      asked++;
    }
    assertThat(asked).isPositive();
    for (Map.Entry<String, Process> driver : drivers.entrySet()) {
      Sweeps.Ended ended = Submit.end(driver.getValue(), temporary.resolve(driver.getKey()));
      assertThat(ended.status()).as(ended.err()).isZero();
    }
    assertThat(assertNoHalves(out)).isEqualTo(2 * CELLS);

    SweepFiles one = new SweepFiles(out.resolve("one"));
    SweepFiles two = new SweepFiles(out.resolve("two"));
    assertThat(one.count("${runs} WHERE status = 'DONE'")).isEqualTo(2);
    for (String table : List.of("cells", "layer_metrics", "spectrum")) {
      Map<String, String> rows = without(one.byId(table), "one");
      assertThat(rows).as(table).isNotEmpty().isEqualTo(without(two.byId(table), "two"));
    }

    Sweeps.Ended compacted = run(List.of("compact", out.toString(), "grace=0s"));
    assertThat(compacted.status()).as(compacted.err()).isZero();
    assertThat(compacted.out()).containsPattern("one/cells: [0-9]+ -> 1 files");
    assertThat(assertNoHalves(out)).isEqualTo(2 * CELLS);
    List<Path> paths = one.paths();
    Sweeps.Ended again = run(sweep("one"));
    assertThat(again.status()).as(again.err()).isZero();
    assertThat(again.out()).contains(CELLS + " cells planned: 0 computed, " + CELLS);
    assertThat(one.paths()).isEqualTo(paths);
  }

  /** Returns how many results there are. */
  private static long assertNoHalves(Path out) {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    new SqlCommand(new PrintStream(answer, true, UTF_8), System.err)
        .run(LocalSpark.session(), out.toString(), HALF, Format.CSV);
    String[] row = answer.toString(UTF_8).lines().toList().get(1).split(",");
    assertThat(row[0]).as("cells without metrics").isEqualTo("0");
    assertThat(row[1]).as("rows of one id").isEqualTo("0");
    return Long.parseLong(row[2]);
  }

  private static Map<String, String> without(Map<String, String> rows, String sweep) {
    Map<String, String> found = new TreeMap<>();
    rows.forEach((id, row) -> found.put(id, row.replace("'sweep': " + sweep, "")));
    return found;
  }

  private List<String> sweep(String name) {
    return List.of(
        "sweep",
        Repository.ROOT.resolve("conf/quickstart.conf").toString(),
        "sweep=" + name,
        "out=" + temporary.resolve("out"),
        "task=",
        "matrices=[\"*.0.*.self.query.*\", \"*.1.*.self.*\", \"*.2.*.self.key.*\","
            + " \"*.3.*.self.key.*\"]",
        "commit-interval=100ms");
  }

  private Sweeps.Ended run(List<String> more) throws Exception {
    return Submit.run(temporary.resolve("driver"), Map.of(), command(more));
  }

  private static List<String> command(List<String> more) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "--master",
                "local[1]",
                "--driver-memory",
                "768m",
                "--conf",
                "spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1"));
    command.addAll(more);
    return command;
  }
}
