package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.checkpoint.ElementType;
import dev.assay.checkpoint.SafetensorsWriter;
import dev.assay.checkpoint.TensorData;
import dev.assay.jobs.sweep.SweepRun;
import dev.assay.plan.SweepSettings;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ids go by what a checkpoint holds, and what it holds beside is named. */
class ContentsTest {
  private static final String RECIPES = "recipes=[{method=dense}, {method=rtn, bits=4}]";

  @TempDir Path temporary;

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  private Path model(String name, float last) throws IOException {
    Map<String, Matrix> matrices = new TreeMap<>();
    for (int layer = 0; layer < 2; layer++) {
      matrices.put(Checkpoints.query(layer), Checkpoints.gaussian(32, 64, layer));
    }
    matrices.get(Checkpoints.query(1)).data()[32 * 64 - 1] = last;
    return Checkpoints.write(temporary.resolve(name), matrices);
  }

  private static Path file(Path model) {
    return model.resolve("model.safetensors");
  }

  private SweepSettings settings(Path model) {
    return Sweeps.settings(
        temporary.resolve("out"), "model=\"" + model + "\"", "model-name=same", RECIPES);
  }

  private static void touch(Path model, FileTime time) throws IOException {
    Files.setLastModifiedTime(file(model), time);
  }

  @Test
  void oneMatrixThatDiffersIsComputedAndACopyIsNot() throws IOException {
    FileTime time = FileTime.fromMillis(1_700_000_000_000L);
    Path one = model("one", 1);
    Path other = model("other", 2);
    touch(one, time);
    touch(other, time);
    assertThat(Files.size(file(other))).isEqualTo(Files.size(file(one)));

    assertThat(Sweeps.run(settings(one)).done()).isEqualTo(4);
    SweepRun.Summary second = Sweeps.run(settings(other));
    assertThat(second.before().done()).isEqualTo(2);
    assertThat(second.done()).isEqualTo(2);

    Path copy = Files.createDirectory(temporary.resolve("copy"));
    Files.copy(file(one), file(copy));
    SweepRun.Summary third = Sweeps.run(settings(copy));
    assertThat(third.before().done()).isEqualTo(4);
    assertThat(third.done()).isZero();

    // Rewritten in place, its time set back.
    Files.copy(
        file(model("rewritten", 3)), file(copy), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    touch(copy, Files.getLastModifiedTime(file(one)));
    assertThat(Sweeps.run(settings(copy)).done()).isEqualTo(2);
  }

  @Test
  void digestsAreMadeOnceAndAPlanSaysWhereTheyAreToBeMade() throws IOException {
    Path model = model("one", 1);
    List<String> arguments =
        Sweeps.arguments(temporary.resolve("out"), "model=\"" + model + "\"", RECIPES);
    String before = Sweeps.command("plan", arguments).out();
    assertThat(before)
        .contains("cells      4 = 2 recipes x 2 matrices")
        .contains("0 done, 0 failed, 4 new; 4 to compute")
        .contains("told by the weights' digests: sweep makes them, and reads 0.0 MiB");
    assertThat(temporary.resolve("out")).doesNotExist();

    Sweeps.run(Sweeps.settings(temporary.resolve("out"), "model=\"" + model + "\"", RECIPES));
    Path remembered = remembered();
    FileTime made = Files.getLastModifiedTime(remembered);
    assertThat(Sweeps.command("plan", arguments).out()).contains("4 done, 0 failed, 0 new");
    Sweeps.run(Sweeps.settings(temporary.resolve("out"), "model=\"" + model + "\"", RECIPES));
    assertThat(Files.getLastModifiedTime(remembered)).isEqualTo(made);

    // Cut short, or gone, it is made again.
    Files.write(remembered, new byte[] {'{'});
    assertThat(Sweeps.command("plan", arguments).out()).contains("told by the weights' digests");
    SweepRun.Summary again =
        Sweeps.run(Sweeps.settings(temporary.resolve("out"), "model=\"" + model + "\"", RECIPES));
    assertThat(again.before().done()).isEqualTo(4);
    assertThat(Sweeps.command("plan", arguments).out()).contains("4 done, 0 failed, 0 new");
  }

  private Path remembered() throws IOException {
    try (Stream<Path> files = Files.list(temporary.resolve("out/.digests"))) {
      return files
          .reduce(
              (a, b) -> {
                throw new AssertionError(a + " and " + b);
              })
          .orElseThrow();
    }
  }

  @Test
  void tensorsThatAreNotReadAreNamedEverywhere() throws IOException {
    Path model = Files.createDirectory(temporary.resolve("mixed"));
    Map<String, TensorData> tensors = new TreeMap<>();
    byte[] codes = new byte[32 * 64];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (byte) (i * 37 & 0xf7);
    }
    tensors.put(Checkpoints.query(0), TensorData.of(ElementType.F8_E4M3, codes, 32, 64));
    tensors.put(
        Checkpoints.query(0) + "_scale_inv", TensorData.of(DType.F32, new float[] {0.5f}, 1, 1));
    tensors.put(Checkpoints.query(1), TensorData.of(DType.F64, new double[32 * 64], 32, 64));
    tensors.put(Checkpoints.query(2), TensorData.of(ElementType.I8, codes, 32, 64));
    try (OutputStream out = Files.newOutputStream(file(model))) {
      SafetensorsWriter.write(out, tensors, Map.of());
    }
    List<String> arguments =
        Sweeps.arguments(temporary.resolve("out"), "model=\"" + model + "\"", RECIPES);
    String named = Checkpoints.query(2) + " [32, 64], I8: not a type of real numbers that is read";
    assertThat(Sweeps.command("plan", arguments).out())
        .contains("2 of 2 matrices chosen")
        .contains("left out   " + named);
    Sweeps.Ended sweep = Sweeps.command("sweep", arguments);
    assertThat(sweep.status()).as(sweep.err()).isZero();
    assertThat(sweep.out()).contains("Left out of the model: " + named);
    assertThat(
            Sweeps.files(temporary.resolve("out"))
                .query("SELECT DISTINCT left_out[1], len(left_out) FROM ${runs}"))
        .containsExactly(List.of(named, 1L));
    assertThat(
            Sweeps.files(temporary.resolve("out"))
                .query(
                    "SELECT m.dtype, m.effective_bits, m.relative_error FROM ${layer_metrics} m JOIN"
                        + " ${cells} c USING (cell_id) WHERE c.recipe = 'dense' ORDER BY dtype"))
        .containsExactly(List.of("F64", 64.0, 0.0), List.of("F8_E4M3", 32.0, 0.0));
  }

  @Test
  void aModelOfWhichNothingIsReadIsRefused() throws IOException {
    Path model = Files.createDirectory(temporary.resolve("integers"));
    try (OutputStream out = Files.newOutputStream(file(model))) {
      SafetensorsWriter.write(
          out,
          Map.of(Checkpoints.query(0), TensorData.of(ElementType.I8, new byte[4], 2, 2)),
          Map.of());
    }
    List<String> arguments =
        Sweeps.arguments(temporary.resolve("out"), "model=\"" + model + "\"", RECIPES);
    for (String command : List.of("plan", "sweep")) {
      Sweeps.Ended ended = Sweeps.command(command, arguments);
      assertThat(ended.status()).isEqualTo(2);
      assertThat(ended.err()).contains("Holds no matrix that is read").contains("I8");
    }
    assertThat(temporary.resolve("out")).doesNotExist();
  }
}
