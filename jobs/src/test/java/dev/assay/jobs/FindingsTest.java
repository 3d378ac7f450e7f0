package dev.assay.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.jobs.run.Tally;
import dev.assay.jobs.sweep.SweepRun;
import dev.assay.jobs.tables.CellRow;
import dev.assay.jobs.tables.CellStatus;
import dev.assay.jobs.tables.LayerMetricsRow;
import dev.assay.jobs.tables.ModelMetricsRow;
import dev.assay.jobs.tables.OutputMetricsRow;
import dev.assay.jobs.tables.TableRow;
import dev.assay.jobs.tables.land.Committer;
import dev.assay.plan.SweepSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the end of a sweep says of its recipes, on rows that are made up. */
class FindingsTest {
  @TempDir Path temporary;

  private final List<TableRow> rows = new ArrayList<>();
  private final List<SweepRun.Planned> cells = new ArrayList<>();
  private final List<SweepRun.Planned> trials = new ArrayList<>();

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  @Test
  void whatAccuracyCannotTellApartIsRankedByFidelity() throws IOException {
    accuracy("lucky", 4, 0.73, 0.4, 0.95);
    accuracy("close", 4.5, 0.72, 0.5, 0.99);
    accuracy("worse", 3, 0.6, 0.001, 0.8);
    accuracy("dense", 32, 0.7, 1.0, 1);
    List<String> lines = report();
    assertThat(lines)
        .contains(
            "Accuracy (n = 240) cannot tell 2 of the 3 models at 5 bits or fewer apart: they lie in"
                + " the interval of the highest,",
            "0.670 to 0.790. Those closest to the dense model's outputs:",
            "fewest bits without a significant loss (p >= 0.05) | lucky | 4.0 | accuracy | 0.73 | 0.4"
                + " | 0.95");
    int sentence = lines.indexOf("0.670 to 0.790. Those closest to the dense model's outputs:");
    assertThat(lines.subList(sentence + 1, sentence + 6))
        .containsExactly(
            "recipe | bits | value | difference | p | cosine",
            "------ | ---- | ----- | ---------- | --- | ------",
            "close | 4.5 | 0.72 | 0.02 | 0.5 | 0.99",
            "lucky | 4.0 | 0.73 | 0.03 | 0.4 | 0.95",
            "");
  }

  @Test
  void theBestIsCalledSoWhereItStandsAlone() throws IOException {
    accuracy("best", 4, 0.9, 0.5, 0.95);
    accuracy("other", 4, 0.6, 0.4, 0.99);
    assertThat(report())
        .contains("Best of the 2 models at 5 bits or fewer by accuracy (n = 240):")
        .contains("best | 4.0 | 0.9 | 0.2 | 0.5 | 0.95")
        .doesNotContain("other | 4.0 | 0.6 | -0.1 | 0.4 | 0.99");
  }

  /** A correlation has no test, and of a constant there is none: neither is "not significant". */
  @Test
  void withoutATestThereIsNoSignificance() throws IOException {
    score("constant", 2, Double.NaN, Double.NaN);
    score("low", 3, 0.5, 0.9);
    score("fair", 4, 0.68, 0.95);
    List<String> lines = report();
    assertThat(lines)
        .contains(
            "fewest bits with dense in the 95 % interval (no test of scores) | fair | 4.0 | spearman"
                + " | 0.68 | NULL | 0.95",
            "Best of the 2 models at 5 bits or fewer by spearman (n = 240):",
            "fair | 4.0 | 0.68 | -0.02 | NULL | 0.95")
        .noneMatch(line -> line.contains("without a significant loss"))
        .noneMatch(line -> line.startsWith("constant"));
  }

  /** By the error of the weights the second would come first, and nothing has an interval here. */
  @Test
  void outputErrorsAreShownAndGoBeforeTheWeights() throws IOException {
    cell("awq", 0.12, 0.01);
    cell("rtn", 0.1, 0.04);
    accuracy("awq", 4, 0.7, 1.0, 0.9);
    assertThat(report())
        .containsSubsequence(
            "recipe | matrices | bits | error | worst | output_error | metric | value | interval"
                + " | difference | p | cosine",
            "awq | 1 | 4.0 | 0.12 | 0.12 | 0.1 | accuracy | 0.7 | 0.640 to 0.760 | 0.0 | 1.0 | 0.9",
            "rtn | 1 | 4.0 | 0.1 | 0.1 | 0.2 | NULL | NULL | NULL | NULL | NULL | NULL");
  }

  private void accuracy(String label, double bits, double value, double p, double cosine) {
    evaluated(label, bits, "accuracy", value, p, cosine);
  }

  private void score(String label, double bits, double value, double cosine) {
    evaluated(label, bits, "spearman", value, null, cosine);
  }

  private void evaluated(
      String label, double bits, String metric, double value, Double p, double cosine) {
    trials.add(new SweepRun.Planned("trial-" + label, label));
    rows.add(
        new ModelMetricsRow(
            "trial-" + label,
            "mini",
            "bert",
            label,
            label,
            "uniform",
            "task",
            "test",
            new ModelMetricsRow.Measured(metric, value, 240, 1, value - 0.06, value + 0.06),
            new ModelMetricsRow.Against(0.7, value - 0.7, p, null, null, cosine),
            new ModelMetricsRow.Size(bits, 20, 1000),
            List.of(),
            1,
            240));
  }

  /** Four bits a weight of a matrix of 8 weights. */
  private void cell(String label, double error, double squaredOutputError) {
    cells.add(new SweepRun.Planned("cell-" + label, label));
    rows.add(
        new CellRow(
            "cell-" + label,
            "mini",
            "bert",
            "mlp",
            "up",
            new CellRow.RecipeColumns(
                label, label, List.of(), Map.of(), "{}", 4, null, null, null, null, null),
            1,
            new CellRow.Outcome(CellStatus.DONE, null, null, 1, 0.5, "node-1", "0")));
    rows.add(
        new LayerMetricsRow(
            "cell-" + label,
            "mini",
            "bert",
            0,
            "up",
            "up",
            "up",
            2,
            4,
            "F32",
            error,
            20.0,
            1.0,
            1.0,
            0,
            4,
            4));
    rows.add(new OutputMetricsRow("cell-" + label, "s", "mini", 0, "up", squaredOutputError, 9));
  }

  /** The lines of the report, one space and a bar between columns. */
  private List<String> report() throws IOException {
    SweepSettings settings = Sweeps.settings(temporary.resolve("out"), "recipes=[{method=dense}]");
    try (Committer committer =
        Committer.open(
            new Configuration(), settings.out(), settings.sweep(), "run", Clock.systemUTC())) {
      committer.append(rows);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SweepRun.Summary summary =
        new SweepRun.Summary(
            "run",
            cells,
            trials,
            List.of(),
            List.of(),
            List.of(),
            new Tally(1, 0, 0, 0),
            0,
            0,
            true);
    new SweepReport(LocalSpark.session(), settings, new PrintStream(out, true, UTF_8))
        .print(summary);
    assertThat(out.toString(UTF_8)).doesNotContain("nul to nul", "NaN to NaN");
    return out.toString(UTF_8).lines().map(line -> line.trim().replaceAll(" {2,}", " | ")).toList();
  }
}
