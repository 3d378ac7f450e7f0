package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.InputException;
import dev.assay.jobs.sweep.SweepRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sweeps of causal models, which are compressed and calibrated, and asked no task. */
class DecoderSweepTest {
  @TempDir private Path out;

  private static String fixture(String name) {
    return "model=\"" + Repository.shared("models/fixtures/" + name) + "\"";
  }

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  @Test
  void aLlamaIsCalibratedOnTextsAndCompressed() throws IOException {
    Path texts = out.resolve("texts.txt");
    Files.writeString(
        texts,
        "Once upon a time, there was a little girl named Lily.\n"
            + "She loved to play outside in the park with her red ball.\n"
            + "One day, a big dog came and took the ball away.\n");
    SweepRun.Summary summary =
        Sweeps.run(
            Sweeps.settings(
                out,
                fixture("stories260K"),
                "recipes=[{method=rtn,bits=3},{method=gptq,bits=3}]",
                "calibration.task=text",
                "calibration.data=\"" + texts + "\""));
    assertThat(summary.failed()).isZero();
    // Five blocks of seven linears.
    assertThat(summary.done()).isEqualTo(2 * 5 * 7);
    List<List<Object>> errors =
        Sweeps.files(out)
            .query(
                "SELECT c.recipe, avg(o.relative_output_error) FROM ${output_metrics} o"
                    + " JOIN ${cells} c ON o.cell_id = c.cell_id GROUP BY c.recipe"
                    + " ORDER BY c.recipe");
    assertThat(errors).hasSize(2);
    // GPTQ makes up for what rounding does to outputs.
    assertThat((Double) errors.get(0).get(1)).isLessThan((Double) errors.get(1).get(1));
  }

  @Test
  void matricesOfGpt2AreOutByIn() {
    SweepRun.Summary summary =
        Sweeps.run(Sweeps.settings(out, fixture("tiny/gpt2"), "recipes=[{method=rtn,bits=8}]"));
    assertThat(summary.done()).isEqualTo(2 * 4);
    assertThat(
            Sweeps.files(out)
                .query(
                    "SELECT matrix, \"rows\", cols FROM ${layer_metrics} WHERE layer = 0"
                        + " ORDER BY matrix"))
        .extracting(Object::toString)
        .containsExactly(
            "[transformer.h.0.attn.c_attn.weight, 192, 64]",
            "[transformer.h.0.attn.c_proj.weight, 64, 64]",
            "[transformer.h.0.mlp.c_fc.weight, 256, 64]",
            "[transformer.h.0.mlp.c_proj.weight, 64, 256]");
  }

  @Test
  void aTaskIsRefused() {
    assertThatThrownBy(
            () ->
                Sweeps.run(
                    Sweeps.settings(
                        out,
                        fixture("stories260K"),
                        "recipes=[{method=rtn,bits=3}]",
                        "task=paraphrase",
                        "calibration.use=never")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("Models of type llama make the next token, and no task asks for that")
        .hasMessageContaining("Leave task out, or choose an encoder");
    assertThat(out.resolve("test/layer_metrics")).doesNotExist();
    Sweeps.Ended plan =
        Sweeps.command(
            "plan",
            Sweeps.arguments(
                out, fixture("stories260K"), "recipes=[{method=rtn,bits=3}]", "task=paraphrase"));
    assertThat(plan.status()).isEqualTo(2);
    assertThat(plan.err()).contains("make the next token, and no task asks for that");
  }
}
