package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The quickstart through {@code submit.sh} narrowed to 8 matrices: processes that can be killed.
 */
class SweepIT {
  private static final List<String> TABLES = List.of("cells", "layer_metrics", "spectrum");
  private static final int CELLS = 8 * 37;

  /** Said by every JVM with Spark's options. */
  private static final String INCUBATOR = "WARNING: Using incubator modules: jdk.incubator.vector";

  @TempDir static Path shared;

  /** An undisturbed run on local[2]. */
  private static SweepFiles undisturbed;

  private static Sweeps.Ended undisturbedEnd;

  @TempDir Path temporary;

  @BeforeAll
  static void runUndisturbed() throws Exception {
    undisturbedEnd = run(shared, quickstart("local[2]", shared.resolve("out")));
    undisturbed = files(shared);
  }

  @Test
  void theQuickstartEndsWell() {
    assertThat(undisturbedEnd.status()).as(undisturbedEnd.err()).isZero();
    assertThat(undisturbedEnd.out()).contains("296 cells planned: 296 computed");
    assertThat(undisturbedEnd.err())
        .contains("Sweep quickstart: 296 cells on 8 matrices of all-minilm-l6-v2, 296 to compute")
        .contains("compress 296/296 done, 0 failed");
    assertThat(undisturbed.count("${cells} WHERE status = 'DONE'")).isEqualTo(CELLS);
    assertThat(undisturbed.byId("layer_metrics")).hasSize(CELLS);
    assertThat(
            undisturbed.query(
                "SELECT DISTINCT matrix, reference FROM ${spectrum} WHERE factorizer = 'mllib'"))
        .containsExactly(List.of("encoder.layer.0.attention.self.query.weight", "lapack-double"));
  }

  @Test
  void executorsOfTheirOwnGiveTheSameRows() throws Exception {
    Sweeps.Ended ended =
        run(temporary, quickstart("local-cluster[2,1,2048]", temporary.resolve("out")));
    assertThat(ended.status()).as(ended.err()).isZero();
    SweepFiles files = files(temporary);
    files.assertSameById(TABLES, undisturbed);
    assertThat(
            files.query(
                "SELECT unnest(map_keys(executors)), unnest(map_values(executors)) FROM ${runs}"
                    + " WHERE status = 'DONE' ORDER BY 1"))
        .satisfiesExactly(
            row -> assertThat(row.toString()).startsWith("[0, OpenBLAS 0.3.31"),
            row -> assertThat(row.toString()).startsWith("[1, OpenBLAS 0.3.31"));
    assertThat(files.column("SELECT DISTINCT executor FROM ${cells} ORDER BY 1"))
        .containsExactly("0", "1");
  }

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  /** Two compressed models and the dense one, on two shards of a task. */
  @Test
  void answersDependNeitherOnSlotsNorOnExecutors() throws Exception {
    String[] arguments = {
      "model=\"" + TinyBert.write(temporary.resolve("m"), "entailment", "not_entailment") + "\"",
      "recipes=[{method=rtn, bits=[2,4]}]",
      "task=rte",
      "data=\"" + TinyBert.rte(temporary.resolve("rte"), 3000) + "\"",
      "predictions=true"
    };
    List<String> cluster = new ArrayList<>(sweep("local-cluster[2,1,2048]"));
    cluster.addAll(Sweeps.arguments(temporary.resolve("cluster"), arguments));
    Sweeps.Ended ended = run(temporary, cluster);
    assertThat(ended.status()).as(ended.err()).isZero();
    SweepFiles executors = Sweeps.files(temporary.resolve("cluster"));
    assertThat(
            executors.column("SELECT len(map_keys(executors)) FROM ${runs} WHERE status = 'DONE'"))
        .containsExactly(2L);
    Map<String, String> predictions = executors.byId("predictions");
    assertThat(predictions).hasSize(2 * 3000);
    Map<String, String> metrics = executors.byId("model_metrics");
    assertThat(metrics).hasSize(2);

    for (String master : List.of("local[1]", "local[2]")) {
      Path out = temporary.resolve(master.replaceAll("\\W", ""));
      Sweeps.run(master, Sweeps.settings(out, arguments));
      assertThat(Sweeps.files(out).byId("predictions")).as(master).isEqualTo(predictions);
      assertThat(Sweeps.files(out).byId("model_metrics")).as(master).isEqualTo(metrics);
    }
  }

  @Test
  void aKilledDriverLosesNothingThatHasLanded() throws Exception {
    Process process = start(temporary, quickstart("local[2]", temporary.resolve("out")));
    awaitCells(process);
    process.destroyForcibly();
    assertThat(process.waitFor()).isEqualTo(128 + 9);
    SweepFiles files = files(temporary);
    Map<String, String> landed = files.byId("cells");
    assertThat(landed).isNotEmpty().hasSizeLessThan(CELLS);
    assertThat(files.byId("layer_metrics").keySet()).containsAll(landed.keySet());
    assertThat(files.column("SELECT status FROM ${runs}")).containsExactly("STARTED");

    Sweeps.Ended rest = run(temporary, quickstart("local[2]", temporary.resolve("out")));
    assertThat(rest.status()).as(rest.err()).isZero();
    int left = CELLS - landed.size();
    assertThat(rest.out())
        .contains("296 cells planned: " + left + " computed, " + landed.size() + " there before");
    files.assertSameById(TABLES, undisturbed);
    assertThat(files.count("${cells}")).isEqualTo(CELLS);

    Sweeps.Ended asked =
        run(
            temporary,
            List.of(
                "--master",
                "local[2]",
                "sql",
                temporary.resolve("out").toString(),
                "SELECT 'cells' AS view, count(*) AS rows, count(DISTINCT cell_id) AS ids FROM cells"
                    + " UNION ALL SELECT 'metrics', count(*), count(DISTINCT cell_id)"
                    + " FROM layer_metrics"
                    + " UNION ALL SELECT 'results', count(*), count(DISTINCT cell_id) FROM results"
                    + " UNION ALL SELECT 'runs', count(*), count(DISTINCT run_id) FROM runs"
                    + " ORDER BY 1",
                "format=csv"));
    assertThat(asked.status()).as(asked.err()).isZero();
    assertThat(asked.out().lines())
        .containsExactly(
            "view,rows,ids", "cells,296,296", "metrics,296,296", "results,296,296", "runs,2,2");
  }

  @Test
  void aTerminatedDriverPublishesWhatIsComplete() throws Exception {
    Process process = start(temporary, quickstart("local[2]", temporary.resolve("out")));
    awaitCells(process);
    process.destroy();
    assertThat(process.waitFor()).isEqualTo(128 + 15);
    SweepFiles files = files(temporary);
    long landed = files.count("${cells}");
    assertThat(landed).isPositive().isLessThan(CELLS);
    assertThat(files.byId("layer_metrics").keySet()).isEqualTo(files.byId("cells").keySet());
    assertThat(
            files.query(
                "SELECT status, cells_planned, cells_done, ended_at IS NULL FROM ${runs}"
                    + " ORDER BY committed_at"))
        .containsExactly(
            List.of("STARTED", (long) CELLS, 0L, true),
            List.of("INTERRUPTED", (long) CELLS, landed, false));

    Sweeps.Ended rest = run(temporary, quickstart("local[2]", temporary.resolve("out")));
    assertThat(rest.status()).as(rest.err()).isZero();
    assertThat(rest.out())
        .contains(
            "296 cells planned: " + (CELLS - landed) + " computed, " + landed + " there before");
    files.assertSameById(TABLES, undisturbed);
  }

  @Test
  void failedCellsAndBadInputHaveTheirStatus() throws Exception {
    String matrices =
        "matrices=[\"encoder.layer.0.attention.self.query.weight\","
            + " \"encoder.layer.0.output.dense.weight\"]";
    List<String> sweep =
        List.of(
            "sweep",
            Repository.ROOT.resolve("conf/quickstart.conf").toString(),
            "out=" + temporary.resolve("out"),
            "task=",
            matrices);
    List<String> failing = new ArrayList<>(sweep);
    failing.add("recipes=[{method=magnitude-preserve, keep=[16,200000]}]");
    Sweeps.Ended failed = run(temporary, failing);
    assertThat(failed.status()).as(failed.err()).isEqualTo(3);
    assertThat(failed.out()).contains("4 cells planned: 3 computed, 0 there before, 1 failed");
    assertThat(failed.err())
        .containsPattern(
            "Cell [0-9a-f]{64} failed: magnitude-preserve\\(keep=200000\\) of"
                + " encoder.layer.0.attention.self.query.weight: UnfitException: ");

    List<String> bad = new ArrayList<>(sweep);
    bad.add("recipes=[{method=magnitude-preserv}]");
    Sweeps.Ended refused = run(temporary, bad);
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.out()).isEmpty();
    assertThat(refused.err().lines().filter(line -> !line.equals(INCUBATOR)))
        .singleElement(InstanceOfAssertFactories.STRING)
        .startsWith("assay: ")
        .contains("magnitude-preserv", "Did you mean 'magnitude-preserve'?");
  }

  private static SweepFiles files(Path folder) {
    return new SweepFiles(folder.resolve("out/quickstart"));
  }

  private static List<String> quickstart(String master, Path out) {
    List<String> arguments = new ArrayList<>(sweep(master));
    arguments.addAll(
        List.of(
            Repository.ROOT.resolve("conf/quickstart.conf").toString(),
            "out=" + out,
            "task=",
            "exclude-matrices=[\"*.4.*\", \"*.5.*\"]",
            "matrices=[\"*.self.query.*\", \"*.self.key.*\"]",
            "commit-interval=200ms"));
    return arguments;
  }

  private static List<String> sweep(String master) {
    return List.of(
        "--master",
        master,
        "--driver-memory",
        "1g",
        // These processes end before the optimizing compiler pays.
        "--conf",
        "spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1",
        "sweep");
  }

  /** Returns when the first cells have been published. */
  private void awaitCells(Process process) throws Exception {
    Path cells = temporary.resolve("out/quickstart/cells");
    while (!holdsParquet(cells)) {
      assertThat(process.waitFor(20, TimeUnit.MILLISECONDS))
          .as("Ended early: %s", temporary.resolve("err.txt"))
          .isFalse();
    }
  }

  private static boolean holdsParquet(Path folder) throws IOException {
    return LiveFolder.files(folder).stream()
        .anyMatch(path -> path.getFileName().toString().matches("part-.*\\.parquet"));
  }

  private static Sweeps.Ended run(Path folder, List<String> arguments) throws Exception {
    return Submit.run(folder, Map.of(), arguments);
  }

  private static Process start(Path folder, List<String> arguments) throws Exception {
    return Submit.start(folder, Map.of(), arguments);
  }
}
