package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Hugging Face directories in 16 bits: the dense recipe costs nothing and stores what was there.
 */
class SharedModelsTest {
  @TempDir Path out;

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  @ParameterizedTest
  @CsvSource({
    "minilm-l6-rte, bert, F16, 36, 6",
    "distilbert-random-tiny, distilbert, BF16, 12, 2",
  })
  void denseIsExact(String name, String architecture, String type, int matrices, int layers) {
    Path model = Repository.shared("models/" + name);
    List<String> arguments =
        Sweeps.arguments(out, "model=\"" + model + "\"", "recipes=[{method=dense}]");
    Sweeps.Ended plan = Sweeps.command("plan", arguments);
    assertThat(plan.err()).isEmpty();
    assertThat(plan.status()).isZero();
    assertThat(plan.out())
        .contains(name + " (" + architecture + "), " + matrices + " of ")
        .contains(matrices + " = 1 recipes x " + matrices + " matrices");
    assertThat(out).isEmptyDirectory();

    Sweeps.Ended swept = Sweeps.command("sweep", arguments);
    assertThat(swept.status()).isZero();
    SweepFiles files = Sweeps.files(out);
    assertThat(
            files.query(
                "SELECT DISTINCT model, architecture, dtype, relative_error, max_abs_error,"
                    + " sqnr_db, non_finite, effective_bits, stored_bytes = 2 * rows * cols"
                    + " FROM ${layer_metrics}"))
        .containsExactly(
            List.of(name, architecture, type, 0.0, 0.0, Double.POSITIVE_INFINITY, 0L, 16.0, true));
    assertThat(files.count("${layer_metrics}")).isEqualTo(matrices);
    assertThat(files.value("SELECT count(DISTINCT layer) FROM ${layer_metrics}"))
        .isEqualTo((long) layers);
    assertThat(Sweeps.command("plan", arguments).out())
        .contains(matrices + " done, 0 failed, 0 new; 0 to compute");
  }
}
