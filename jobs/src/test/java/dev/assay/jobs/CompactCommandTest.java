package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.jobs.sweep.SweepRun.Summary;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sweeps that grow, their folder compacted between, and what the plan says of them. */
class CompactCommandTest {
  private static final List<String> TABLES = List.of("cells", "layer_metrics", "spectrum");
  private static final String GRID =
      "recipes=[{method=rtn, bits=[2,4]}, {method=svd, rank=4}, {method=magnitude-preserve,"
          + " keep=100}]";

  @TempDir Path temporary;
  private String model;

  @BeforeEach
  void writeModel() throws IOException {
    Map<String, Matrix> weights = new TreeMap<>();
    weights.put(Checkpoints.query(0), Checkpoints.gaussian(8, 8, 1)); // 64 weights: keep=100 fails
    weights.put(Checkpoints.query(1), Checkpoints.gaussian(16, 16, 2));
    model = "model=\"" + Checkpoints.write(temporary.resolve("model"), weights) + "\"";
  }

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  @Test
  void aSweepResumedAfterACompactionComputesNothing() {
    Path out = temporary.resolve("out");
    Sweeps.run(Sweeps.settings(out, model, "recipes=[{method=rtn, bits=[2,4]}]"));
    Sweeps.run(Sweeps.settings(out, model, GRID, "factorizer=lapack"));
    SweepFiles files = Sweeps.files(out);
    Map<String, Map<String, String>> rows = new TreeMap<>();
    TABLES.forEach(table -> rows.put(table, files.byId(table)));
    assertThat(files.count("${cells}")).isEqualTo(8);

    Sweeps.Ended compacted = Sweeps.command("compact", List.of(out.toString(), "grace=0s"));

    assertThat(compacted.status()).as(compacted.err()).isZero();
    assertThat(compacted.out()).contains("test/cells: 2 -> 1 files", "test/runs: 4 -> 1 files");
    TABLES.forEach(table -> assertThat(files.byId(table)).isEqualTo(rows.get(table)));
    List<Path> paths = files.paths();
    Summary again = Sweeps.run(Sweeps.settings(out, model, GRID, "factorizer=lapack"));
    assertThat(again.before().done()).isEqualTo(7);
    assertThat(again.before().failed()).isEqualTo(1);
    assertThat(again.done() + again.failed()).isZero();
    assertThat(files.paths()).isEqualTo(paths);
  }

  @Test
  void aPlanTellsWhatIsDoneFailedAndNewAndWhatDiffers() {
    Path out = temporary.resolve("out");
    String[] first = {model, GRID, "factorizer=lapack"};
    assertThat(plan(out, first))
        .contains(" 0 done, 0 failed, 8 new; 8 to compute")
        .doesNotContain("changes");
    Sweeps.run(Sweeps.settings(out, first));
    assertThat(plan(out, first))
        .contains(" 7 done, 1 failed, 0 new; 0 to compute", "changes    none since the last run");
    assertThat(plan(out, model, GRID, "factorizer=lapack", "retry=failed"))
        .contains(" 7 done, 1 failed (tried again), 0 new; 1 to compute")
        .contains("changes    none since the last run");

    String[] second = {
      model, "recipes=[{method=rtn, bits=[3,4]}, {method=dense}]", "seed=1", "factorizer=lapack"
    };
    assertThat(plan(out, second).lines())
        .contains("           2 done, 0 failed, 4 new; 4 to compute")
        .containsSubsequence(
            "changes    since the last run",
            "  seed: 0 -> 1",
            "  + rtn(bits=3)",
            "  + dense",
            "  - rtn(bits=2)",
            "  - svd(rank=4)",
            "  - magnitude-preserve(keep=100)",
            "  4 new cells of added recipes, 0 of others");
    Sweeps.Ended resumed = Sweeps.command("sweep", Sweeps.arguments(out, second));
    assertThat(resumed.status()).as(resumed.err()).isZero();
    assertThat(resumed.err())
        .contains("Changed since the last run: seed: 0 -> 1; recipes: 2 added, 3 removed");
    Sweeps.Ended unchanged = Sweeps.command("sweep", Sweeps.arguments(out, second));
    assertThat(unchanged.err()).doesNotContain("Changed");
  }

  @Test
  void badArgumentsAreRefused() {
    assertRefused("'graze=1s' is not understood", "graze=1s");
    assertRefused("grace has no value", "grace=");
    assertRefused("older-than=soon is no time", "older-than=soon");
    assertRefused("grace=-1s is negative", "grace=-1s");
  }

  private void assertRefused(String message, String... options) {
    List<String> arguments = new ArrayList<>(List.of(temporary.resolve("no").toString()));
    arguments.addAll(List.of(options));
    Sweeps.Ended refused = Sweeps.command("compact", arguments);
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.out()).isEmpty();
    assertThat(refused.err()).contains(message);
  }

  private static String plan(Path out, String... more) {
    Sweeps.Ended plan = Sweeps.command("plan", Sweeps.arguments(out, more));
    assertThat(plan.status()).as(plan.err()).isZero();
    return plan.out();
  }
}
