package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.jobs.sweep.SweepRun.Summary;
import dev.assay.plan.SweepSettings;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sweeps of real weights on local[2], their results read back by DuckDB. */
class SweepTest {
  private static final String ATTENTION = "matrices=[\"encoder.layer.0.attention.self.*\"]";
  private static final String LAPACK = "factorizer=lapack";
  private static final String GRID =
      "recipes=[{method=dense}, {method=rtn, bits=[2,4]}, {method=svd-preserve, keep=[0,16]},"
          + " {method=random-preserve, keep=[0,16]}, {method=svd, rank=\"ratio(0.25)\"}]";

  @TempDir Path temporary;

  @BeforeAll
  static void start() {
    LocalSpark.session();
  }

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  @Test
  void everyPlannedCellIsARow() throws IOException {
    SweepSettings settings = Sweeps.settings(temporary, ATTENTION, GRID, LAPACK);
    Map<String, String> planned = Sweeps.plannedIds(settings);
    Summary summary = Sweeps.run(settings);
    SweepFiles files = Sweeps.files(temporary);

    assertThat(planned).hasSize(3 * 7);
    assertThat(summary.before().planned()).isEqualTo(21);
    assertThat(summary.done()).isEqualTo(21);
    assertThat(summary.allFailed()).isZero();
    assertThat(summary.complete()).isTrue();
    assertThat(files.column("SELECT cell_id FROM ${cells} WHERE status = 'DONE'"))
        .containsExactlyInAnyOrderElementsOf(planned.values());
    assertThat(files.column("SELECT cell_id FROM ${layer_metrics}"))
        .containsExactlyInAnyOrderElementsOf(planned.values());
    assertThat(files.count("${spectrum}")).isEqualTo(3 * 384);
    assertThat(
            files.column(
                "SELECT max(cumulative_energy) FROM ${spectrum} GROUP BY factors_id, matrix"))
        .hasSize(3)
        .allSatisfy(share -> assertThat((Double) share).isBetween(1 - 1e-5, 1 + 1e-5));
  }

  @Test
  void aRunSaysWhatItRanOn() {
    Summary summary = Sweeps.run(Sweeps.settings(temporary, ATTENTION, GRID, LAPACK, "seed=7"));
    SweepFiles files = Sweeps.files(temporary);

    assertThat(files.query("SELECT run_id, status, ended_at IS NULL FROM ${runs} ORDER BY 2 DESC"))
        .containsExactly(
            List.of(summary.runId(), "STARTED", true), List.of(summary.runId(), "DONE", false));
    assertThat(
            files.query(
                "SELECT started_at < ended_at, config::JSON->>'seed', config::JSON->>'sweep',"
                    + " length(config_hash), cells_planned, cells_done, cells_failed,"
                    + " cells_skipped, master, spark_version FROM ${runs} WHERE status = 'DONE'"))
        .containsExactly(List.of(true, "7", "test", 64L, 21L, 21L, 0L, 0L, "local[2]", "4.2.0"));
    String backend = (String) files.value("SELECT DISTINCT blas_backend FROM ${runs}");
    assertThat(backend).startsWith("OpenBLAS 0.3.31");
    assertThat((String) files.value("SELECT executors['driver'] FROM ${runs} WHERE status='DONE'"))
        .startsWith(backend)
        .contains("GF/s double");
    assertThat(files.count("${runs} WHERE blas_gflops_f64 > 1 AND blas_gflops_f32 > 1"))
        .isEqualTo(2);
  }

  @Test
  void aSecondRunComputesNothingAndWritesNothing() {
    SweepSettings settings = Sweeps.settings(temporary, ATTENTION, GRID, LAPACK);
    Sweeps.run(settings);
    List<Path> paths = Sweeps.files(temporary).paths();
    Summary second = Sweeps.run(settings);

    assertThat(second.before().done()).isEqualTo(21);
    assertThat(second.before().left()).isZero();
    assertThat(second.done()).isZero();
    assertThat(second.complete()).isTrue();
    assertThat(Sweeps.files(temporary).paths()).isEqualTo(paths);
  }

  @Test
  void aChangedGridComputesOnlyWhatIsMissing() {
    Sweeps.run(Sweeps.settings(temporary, ATTENTION, GRID, LAPACK));
    Summary grown =
        Sweeps.run(
            Sweeps.settings(
                temporary,
                "matrices=[\"encoder.layer.0.attention.self.query.weight\","
                    + " \"encoder.layer.0.attention.output.dense.weight\"]",
                "recipes=[{method=rtn, bits=[3,4]}, {method=svd-preserve, keep=[16,64]}]",
                LAPACK));
    SweepFiles files = Sweeps.files(temporary);

    assertThat(grown.before().planned()).isEqualTo(8);
    assertThat(grown.before().done()).isEqualTo(2);
    assertThat(grown.done()).isEqualTo(6);
    assertThat(files.count("${cells}")).isEqualTo(27);
    assertThat(files.value("SELECT count(DISTINCT cell_id) FROM ${cells}")).isEqualTo(27L);
    // The query matrix was factorized by the first run.
    assertThat(files.count("${spectrum}")).isEqualTo(4 * 384);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lapack", "randomized"})
  void aSeedIsInTheIdsOfWhatIsRandom(String factorizer) throws IOException {
    String[] more = {ATTENTION, GRID, "factorizer=" + factorizer, "seed=0"};
    Map<String, String> zero = Sweeps.plannedIds(Sweeps.settings(temporary, more));
    Sweeps.run(Sweeps.settings(temporary, more));
    more[3] = "seed=1";
    SweepSettings settings = Sweeps.settings(temporary, more);
    Map<String, String> one = Sweeps.plannedIds(settings);
    Map<String, String> changed = new TreeMap<>(one);
    changed.values().removeAll(zero.values());

    assertThat(changed.keySet())
        .allSatisfy(
            cell ->
                assertThat(cell.split(" ", 2)[1])
                    .containsPattern(
                        factorizer.equals("lapack")
                            ? "^random-preserve\\(keep=16\\)$"
                            : "^(random-preserve|svd-preserve)\\(keep=16\\)$|^svd\\("))
        .hasSize(factorizer.equals("lapack") ? 3 : 9);
    assertThat(Sweeps.run(settings).done()).isEqualTo(changed.size());
    assertThat(Sweeps.files(temporary).count("${cells}")).isEqualTo(21 + changed.size());
  }

  @Test
  void aCellThatFailsIsARow() {
    String[] more = {
      "matrices=[\"encoder.layer.0.attention.self.query.weight\","
          + " \"encoder.layer.0.output.dense.weight\"]",
      // More than 384 * 384 and less than 384 * 1536.
      "recipes=[{method=magnitude-preserve, keep=[16,200000]}]",
      "retry=none"
    };
    Sweeps.Ended first = Sweeps.command("sweep", Sweeps.arguments(temporary, more));
    SweepFiles files = Sweeps.files(temporary);
    assertThat(first.status()).isEqualTo(3);
    assertThat(first.out()).contains("4 cells planned: 3 computed, 0 there before, 1 failed");
    assertThat(files.query("SELECT unit, keep, error_message FROM ${cells} WHERE status='FAILED'"))
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.subList(0, 2))
                  .isEqualTo(List.of("encoder.layer.0.attention.self.query.weight", 200000L));
              assertThat((String) row.get(2)).contains("200000", "147456");
            });
    assertThat(files.count("${layer_metrics}")).isEqualTo(3);

    List<Path> paths = files.paths();
    assertThat(Sweeps.command("sweep", Sweeps.arguments(temporary, more)).status()).isEqualTo(3);
    assertThat(files.paths()).isEqualTo(paths);

    more[2] = "retry=failed";
    Summary again = Sweeps.run(Sweeps.settings(temporary, more));
    assertThat(again.before().done()).isEqualTo(3);
    assertThat(again.done()).isZero();
    assertThat(again.allFailed()).isEqualTo(1);
    assertThat(files.count("${cells}")).isEqualTo(5);
    assertThat(files.value("SELECT count(DISTINCT cell_id) FROM ${cells}")).isEqualTo(4L);
  }

  @Test
  void failFastStopsAtTheFirstFailure() throws IOException {
    Map<String, Matrix> weights = new TreeMap<>();
    Matrix poisoned = Checkpoints.gaussian(512, 512, 99);
    poisoned.data()[0] = Float.POSITIVE_INFINITY;
    weights.put(Checkpoints.query(0), poisoned);
    for (int layer = 1; layer <= 40; layer++) {
      weights.put(Checkpoints.query(layer), Checkpoints.gaussian(256, 256, layer));
    }
    Path model = Checkpoints.write(temporary.resolve("model"), weights);
    String[] more = {
      "model=\"" + model + "\"",
      "recipes=[{method=rtn, bits=[2,3,4,5,6,7,8], granularity=[tensor,row]}]",
      "fail-fast=true"
    };
    Summary stopped = Sweeps.run(Sweeps.settings(temporary, more));
    SweepFiles files = Sweeps.files(temporary);
    assertThat(stopped.complete()).isFalse();
    assertThat(stopped.failed()).isEqualTo(14);
    assertThat(stopped.done() + stopped.failed())
        .isEqualTo(files.count("${cells}"))
        .isLessThan(41 * 14);
    assertThat(files.column("SELECT status FROM ${runs} ORDER BY committed_at"))
        .containsExactly("STARTED", "INTERRUPTED");

    more[2] = "fail-fast=false";
    Summary rest = Sweeps.run(Sweeps.settings(temporary, more));
    assertThat(rest.complete()).isTrue();
    assertThat(rest.before().done()).isEqualTo(stopped.done());
    assertThat(rest.allFailed()).isEqualTo(14);
    assertThat(files.count("${cells} WHERE status='DONE'")).isEqualTo(40 * 14);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lapack", "lapack-double", "randomized", "mllib"})
  void aPoisonedMatrixFailsAloneAndByName(String factorizer) throws IOException {
    Matrix poisoned = Checkpoints.gaussian(48, 32, 1);
    poisoned.data()[3 * 32 + 5] = Float.NaN;
    Path model =
        Checkpoints.write(
            temporary.resolve("model"),
            Map.of(
                Checkpoints.query(0),
                poisoned,
                Checkpoints.query(1),
                Checkpoints.gaussian(48, 32, 2)));
    Sweeps.Ended ended =
        Sweeps.command(
            "sweep",
            Sweeps.arguments(
                temporary,
                "model=\"" + model + "\"",
                "recipes=[{method=dense}, {method=rtn}, {method=svd, rank=4},"
                    + " {method=svd-preserve, rank=4, keep=16}]",
                "factorizer=" + factorizer));
    SweepFiles files = Sweeps.files(temporary);

    assertThat(ended.status()).isEqualTo(3);
    assertThat(files.query("SELECT unit, status, count(*) FROM ${cells} GROUP BY ALL ORDER BY 1"))
        .containsExactly(
            List.of(Checkpoints.query(0), "FAILED", 4L), List.of(Checkpoints.query(1), "DONE", 4L));
    assertThat(files.column("SELECT error_message FROM ${cells} WHERE status='FAILED'"))
        .allSatisfy(
            message ->
                assertThat((String) message).contains(Checkpoints.query(0), "NaN", "[3, 5]"));
    assertThat(files.count("${layer_metrics}")).isEqualTo(4);
    assertThat(files.column("SELECT DISTINCT matrix FROM ${spectrum}"))
        .containsExactly(Checkpoints.query(1));
    assertThat(files.query("SELECT cells_done, cells_failed FROM ${runs} WHERE status='DONE'"))
        .containsExactly(List.of(4L, 4L));
  }

  @Test
  void rowsDoNotDependOnParallelismOrOrder() {
    String recipes =
        "recipes=[{method=rtn, bits=3}, {method=svd-preserve, keep=16},"
            + " {method=random-preserve, keep=16}, {method=svd-residual, rank=4}]";
    String reversed =
        "recipes=[{method=svd-residual, rank=4}, {method=random-preserve, keep=16},"
            + " {method=svd-preserve, keep=16}, {method=rtn, bits=3}]";
    String factorizers =
        "factorizer-overrides=[{matrices=[\"*.query.*\"], factorizer=mllib},"
            + " {matrices=[\"*.key.*\"], factorizer=randomized}]";
    Path one = temporary.resolve("one");
    Path two = temporary.resolve("two");
    Path back = temporary.resolve("back");
    Sweeps.run(Sweeps.settings(two, ATTENTION, recipes, factorizers));
    Sweeps.run(
        Sweeps.settings(
            back,
            "matrices=[\"*.0.*.value.*\", \"*.0.*.key.*\", \"*.0.*.query.*\"]",
            reversed,
            factorizers));
    LocalSpark.session("local[1]");
    Sweeps.run(Sweeps.settings(one, ATTENTION, recipes, factorizers));

    for (String table : List.of("cells", "layer_metrics", "spectrum")) {
      Map<String, String> rows = Sweeps.files(two).byId(table);
      assertThat(rows).hasSize(table.equals("spectrum") ? 384 + 16 + 384 : 12);
      assertThat(Sweeps.files(one).byId(table)).isEqualTo(rows);
      assertThat(Sweeps.files(back).byId(table)).isEqualTo(rows);
    }
  }

  @Test
  void mllibIsComparedWithLapackInTheSpectrum() {
    Sweeps.run(
        Sweeps.settings(
            temporary,
            "matrices=[\"encoder.layer.0.attention.self.query.weight\","
                + " \"encoder.layer.0.intermediate.dense.weight\"]",
            "recipes=[{method=svd, rank=[8,384]}]",
            "factorizer=mllib"));
    SweepFiles files = Sweeps.files(temporary);

    assertThat(
            files.query(
                "SELECT rows, count(*), min(index), max(index), count(DISTINCT singular_value)"
                    + " FROM ${spectrum} WHERE factorizer='mllib' AND reference='lapack-double'"
                    + " AND deviation <= 1e-6 AND abs(singular_value - reference_value) <="
                    + " 1.01 * deviation * (SELECT max(reference_value) FROM ${spectrum})"
                    + " GROUP BY rows ORDER BY rows"))
        .containsExactly(List.of(384, 384L, 1, 384, 384L), List.of(1536, 384L, 1, 384, 384L));
    assertThat(
            files.column(
                "SELECT relative_error FROM ${layer_metrics} JOIN ${cells} USING (cell_id)"
                    + " WHERE rank = 384"))
        .hasSize(2)
        .allSatisfy(error -> assertThat((Double) error).isLessThan(1e-5));
  }
}
