package dev.assay.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.assay.jobs.cluster.NativePlugin;
import dev.assay.jobs.run.Tally;
import dev.assay.jobs.sweep.SweepRun;
import dev.assay.jobs.tables.CellRow;
import dev.assay.jobs.tables.CellStatus;
import dev.assay.jobs.tables.land.Committer;
import dev.assay.plan.SweepSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees of a sweep: its event log, its status line, its report. */
class SightTest {
  private static final String QUERY = "encoder.layer.0.attention.self.query.weight";
  private static final String DOWN = "encoder.layer.0.output.dense.weight";

  @TempDir Path temporary;

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  @Test
  void jobsTasksAndFailuresAreNamed() throws IOException {
    SweepSettings settings =
        Sweeps.settings(
            temporary.resolve("out"),
            "matrices=[\"" + QUERY + "\", \"" + DOWN + "\"]",
            "factorizer=lapack",
            "recipes=[{method=rtn, bits=[3,4]}, {method=svd, rank=8},"
                + " {method=magnitude-preserve, keep=[150000, 160000]}]");
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SweepRun.Summary summary;
    try (SparkSession session = logged()) {
      summary = new SweepRun(session, settings, new PrintStream(log, true, UTF_8)).run();
      new SweepReport(session, settings, new PrintStream(out, true, UTF_8)).print(summary);
    }
    assertEvents(summary.runId());
    assertThat(log.toString(UTF_8))
        .containsPattern("(?m)^factorize 2/2 done, 0 failed, [0-9.]+/s, in \\d+ s$")
        .containsPattern("(?m)^compress 8/10 done, 2 failed, [0-9.]+/s, in \\d+ s$");

    // Two cells with one cause: which matrix and which numbers they name does not matter.
    Map<String, String> ids = Sweeps.plannedIds(settings);
    assertThat(out.toString(UTF_8).lines())
        .anySatisfy(
            line ->
                assertThat(line.trim().replaceAll(" {2,}", " | "))
                    .startsWith("2 | UnfitException | keep = # is more than")
                    .contains(QUERY + " | magnitude-preserve(keep=150000)")
                    .endsWith(ids.get(QUERY + " magnitude-preserve(keep=150000)")));
  }

  @Test
  void aRecipeIsNamedAsItIsSpelledNow() {
    Path out = temporary.resolve("out");
    String matrix = "matrices=[\"" + QUERY + "\"]";
    List<String> before =
        Sweeps.arguments(out, matrix, "recipes=[{method=rtn, bits=3, granularity=[row, tensor]}]");
    List<String> now = Sweeps.arguments(out, matrix, "recipes=[{method=rtn, bits=3}]");
    assertThat(Sweeps.command("sweep", before).out()).contains("rtn(bits=3, granularity=row)");
    Sweeps.Ended again = Sweeps.command("sweep", now);
    assertThat(again.out())
        .contains("1 cells planned: 0 computed, 1 there before")
        .containsPattern("(?m)^rtn\\(bits=3\\) ")
        .doesNotContain("granularity");
    assertThat(Sweeps.command("plan", now).out())
        .containsPattern("about nothing on one core for the 0 to compute");
  }

  @Test
  void causesBeyondTheMostFrequentAreCounted() throws IOException {
    SweepSettings settings = Sweeps.settings(temporary.resolve("out"), "recipes=[{method=dense}]");
    List<SweepRun.Planned> ids = new ArrayList<>();
    try (Committer committer =
        Committer.open(
            new Configuration(), settings.out(), settings.sweep(), "run", Clock.systemUTC())) {
      for (char cause = 'a'; cause <= 'l'; cause++) {
        // The first cause has failed two cells more than the second, and so on.
        for (int i = 0; i < 25 - 2 * (cause - 'a'); i++) {
          ids.add(new SweepRun.Planned(cause + "-" + i, "test"));
          committer.append(List.of(failed(cause + "-" + i, "because of " + cause)));
        }
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SweepRun.Summary summary =
        new SweepRun.Summary(
            "run",
            ids,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            new Tally(ids.size(), 0, 0, 0),
            0,
            ids.size(),
            true);
    new SweepReport(LocalSpark.session(), settings, new PrintStream(out, true, UTF_8))
        .print(summary);
    List<String> causes =
        out.toString(UTF_8)
            .lines()
            .map(line -> line.trim().replaceAll(" {2,}", " | "))
            .filter(line -> line.contains("because") || line.contains("causes"))
            .toList();
    assertThat(causes).hasSize(11);
    assertThat(causes.get(0)).startsWith("25 | IllegalStateException | because of a | up | test |");
    assertThat(causes.get(9)).startsWith("7 | IllegalStateException | because of j");
    assertThat(causes.get(10)).startsWith("8 | others | 2 more causes");
  }

  private static CellRow failed(String id, String message) {
    return new CellRow(
        id,
        "mini",
        "bert",
        "mlp",
        "up",
        new CellRow.RecipeColumns(
            "rtn", "test", List.of(), Map.of(), "{}", 4, null, null, null, null, "lapack"),
        1,
        new CellRow.Outcome(
            CellStatus.FAILED, "IllegalStateException", message, 1, 0.5, "node-1", "0"));
  }

  /** An application that writes an event log, as docs/operations.md says. */
  private SparkSession logged() throws IOException {
    LocalSpark.stop();
    SparkSession session =
        SparkSession.builder()
            .master("local[2]")
            .appName("sight")
            .config("spark.plugins", NativePlugin.class.getName())
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.warehouse.dir", "target/spark-warehouse")
            .config("spark.eventLog.enabled", "true")
            .config("spark.eventLog.compress", "false")
            .config(
                "spark.eventLog.dir",
                Files.createDirectories(temporary.resolve("events")).toUri().toString())
            .getOrCreate();
    session.sparkContext().setLogLevel("OFF");
    return session;
  }

  private void assertEvents(String runId) throws IOException {
    List<String> jobs = new ArrayList<>();
    Map<String, String> tasks = new TreeMap<>();
    for (JsonNode event : events()) {
      JsonNode properties = event.path("Properties");
      if (event.path("Event").asText().equals("SparkListenerJobStart")
          && properties.path("spark.jobGroup.id").asText().equals("test " + runId)) {
        jobs.add(properties.path("spark.job.description").asText());
      }
      for (JsonNode added : event.path("Task Info").path("Accumulables")) {
        if (added.path("Name").asText().equals("task") && added.has("Update")) {
          tasks.put(added.path("Update").asText(), event.path("Event").asText());
        }
      }
    }
    assertThat(jobs)
        .contains(
            "factorize 2 matrices of all-minilm-l6-v2",
            "compress 2 matrices of all-minilm-l6-v2, 10 cells");
    assertThat(tasks)
        .containsEntry("factors of " + QUERY + " by lapack", "SparkListenerTaskEnd")
        .containsEntry(
            QUERY + ", 5 recipes from rtn(bits=3) to magnitude-preserve(keep=160000)",
            "SparkListenerTaskEnd")
        .hasSize(4);
  }

  private List<JsonNode> events() throws IOException {
    List<JsonNode> events = new ArrayList<>();
    ObjectMapper json = new ObjectMapper();
    try (Stream<Path> files = Files.walk(temporary.resolve("events"))) {
      for (Path file :
          files.filter(path -> path.getFileName().toString().startsWith("events_")).toList()) {
        for (String line : Files.readAllLines(file)) {
          events.add(json.readTree(line));
        }
      }
    }
    return events;
  }
}
