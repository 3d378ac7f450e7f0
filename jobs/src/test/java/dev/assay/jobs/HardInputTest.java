package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.checkpoint.SafetensorsHeader.Entry;
import dev.assay.checkpoint.SafetensorsWriter;
import dev.assay.checkpoint.TensorData;
import dev.assay.tensor.DType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights and statistics that arithmetic cannot work with, in a sweep that does everything. */
@Tag("slow")
class HardInputTest {
  private static final String POISONED = "bert.encoder.layer.1.intermediate.dense.weight";

  @TempDir private Path temporary;

  private WholeSweep whole;

  @BeforeEach
  void write() throws IOException {
    whole = WholeSweep.write(temporary);
  }

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  private interface Change {
    void of(float[] values);
  }

  /** Changes one tensor of the model. */
  private void change(String tensor, Change change) throws IOException {
    Path path = whole.model().resolve("model.safetensors");
    Map<String, TensorData> tensors = new TreeMap<>();
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      for (Entry entry : file.entries()) {
        float[] values = file.floats(entry.name());
        if (entry.name().equals(tensor)) {
          change.of(values);
        }
        long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
        tensors.put(entry.name(), TensorData.of(DType.F32, values, shape));
      }
    }
    try (OutputStream out = Files.newOutputStream(path)) {
      SafetensorsWriter.write(out, tensors, Map.of());
    }
  }

  /**
   * What comes after the poisoned matrix is not finite either: recipes that need statistics of it
   * fail, all others are done.
   */
  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.NEGATIVE_INFINITY})
  void aPoisonedMatrixFailsAndWhatNeedsNoneOfItIsDone(float poison) throws IOException {
    change(POISONED, values -> values[17] = poison);
    List<String> arguments = Sweeps.arguments(temporary.resolve("out"), whole.keys());
    Sweeps.Ended ended = Sweeps.command("sweep", arguments);
    assertThat(ended.status()).as(ended.err()).isEqualTo(Main.FAILED_CELLS);
    SweepFiles files = Sweeps.files(temporary.resolve("out"));
    assertThat(files.count("${cells}")).isEqualTo(WholeSweep.CELLS);
    assertThat(
            files.query(
                "SELECT status, error_class, attempts, count(*) FROM ${cells}"
                    + " WHERE unit = '"
                    + POISONED
                    + "' GROUP BY ALL"))
        .containsExactly(List.of("FAILED", "NonFiniteWeight", 1, (long) WholeSweep.RECIPES));
    assertThat(
            files.column(
                "SELECT DISTINCT error_message FROM ${cells} WHERE unit = '" + POISONED + "'"))
        .singleElement()
        .asString()
        .contains(POISONED + " holds " + poison + " at [1, 1]", "repair the checkpoint");
    // The matrices behind it: all of layer 2, and the other half of layer 1's own block.
    assertThat(
            files.query(
                "SELECT error_class, recipe, count(*) FROM ${cells} WHERE status = 'FAILED'"
                    + " AND unit <> '"
                    + POISONED
                    + "' GROUP BY ALL ORDER BY ALL"))
        .allSatisfy(row -> assertThat(row.get(0)).isEqualTo("UnfitException"))
        .extracting(row -> row.get(1))
        .containsExactly("awq", "fisher-preserve", "gptq");
    assertThat(files.count("${cells} WHERE status = 'DONE' AND recipe IN ('dense', 'rtn', 'svd')"))
        .isEqualTo(4L * (WholeSweep.MATRICES - 1));
    assertThat(files.count("${cells} WHERE recipe = 'gptq' AND status = 'DONE'")).isEqualTo(10);
    assertThat(files.holds("model_metrics")).isFalse();
    assertThat(ended.out()).contains("NonFiniteWeight", "UnfitException", "are not finite");
    assertThat(files.column("SELECT status FROM ${runs} ORDER BY committed_at"))
        .containsExactly("STARTED", "DONE");
  }

  /** A channel that is always zero, and fewer tokens than channels: H is singular twice over. */
  @Test
  void aSingularHessianIsDamped() throws IOException {
    change("bert.embeddings.LayerNorm.weight", values -> values[3] = 0);
    change("bert.embeddings.LayerNorm.bias", values -> values[3] = 0);
    String[] keys =
        whole.keys(
            "recipes=[{method=gptq,bits=4},{method=sparsegpt,sparsity=0.5},{method=spqr-preserve,keep=4},"
                + "{method=awq,bits=4},{method=svd-llm,rank=4},{method=asvd,rank=4},{method=wanda,sparsity=0.5},{method=fwsvd,rank=4}]",
            "calibration.sequences=1",
            "calibration.max-length=6");
    Sweeps.Ended ended = Sweeps.command("sweep", Sweeps.arguments(temporary.resolve("out"), keys));
    assertThat(ended.status()).as(ended.err()).isZero();
    SweepFiles files = Sweeps.files(temporary.resolve("out"));
    assertThat(files.count("${cells} WHERE status = 'DONE'")).isEqualTo(8L * WholeSweep.MATRICES);
    assertThat(files.count("${layer_metrics} WHERE non_finite > 0 OR NOT isfinite(relative_error)"))
        .isZero();
    assertThat(files.count("${output_metrics} WHERE NOT isfinite(relative_output_error)")).isZero();
  }
}
