package dev.assay.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.assay.InputException;
import dev.assay.checkpoint.ElementType;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.checkpoint.SafetensorsWriter;
import dev.assay.checkpoint.TensorData;
import dev.assay.jobs.steps.export.ModelExport;
import dev.assay.part.Artifact;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exports of a small checkpoint; that other models answer alike is tested beside the steps. */
class ExportTest {
  private static final String RTN = "rtn(bits=4, granularity=row)";
  private static final String SVD = "svd(rank=2)";

  @TempDir Path temporary;

  private Path model;
  private Path out;
  private final Map<String, TensorData> tensors = new TreeMap<>();

  @BeforeEach
  void writeModel() throws IOException {
    out = temporary.resolve("out");
    model = Files.createDirectory(temporary.resolve("model"));
    for (int layer = 0; layer < 2; layer++) {
      String prefix = "bert.encoder.layer." + layer + ".";
      tensors.put(
          prefix + "attention.self.query.weight",
          TensorData.of(DType.F32, Checkpoints.gaussian(8, 8, layer)));
      tensors.put(
          prefix + "attention.self.query.bias",
          TensorData.of(DType.F32, new float[] {1, 2, 3, 4, 5, 6, 7, layer}, 8));
      tensors.put(
          prefix + "intermediate.dense.weight",
          TensorData.of(DType.F16, Checkpoints.gaussian(32, 8, 7 + layer)));
    }
    tensors.put(
        "bert.embeddings.word_embeddings.weight",
        TensorData.of(DType.F32, Checkpoints.gaussian(40, 8, 5)));
    tensors.put("bert.embeddings.position_ids", TensorData.of(ElementType.I64, new byte[64], 1, 8));
    try (OutputStream to = Files.newOutputStream(model.resolve("model.safetensors"))) {
      SafetensorsWriter.write(to, tensors, Map.of("format", "pt", "made by", "test"));
    }
    Files.writeString(
        model.resolve("config.json"),
        "{\"model_type\": \"bert\", \"architectures\": [\"BertForMaskedLM\"]}");
    Files.writeString(model.resolve("vocab.txt"), "[PAD]\n");
    Files.writeString(model.resolve("modules.json"), "[]");
    Files.writeString(model.resolve("training_args.bin"), "no part of the model");
    Files.createDirectory(model.resolve("1_Pooling"));
    Files.writeString(model.resolve("1_Pooling/config.json"), "{\"pooling\": true}");
  }

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  @Test
  void aCompressedModelIsWrittenWholeAndCheckedAndAlwaysTheSame() throws IOException {
    sweep("recipes=[{method=rtn, bits=4, granularity=row}, {method=svd, rank=2}]");
    Path to = temporary.resolve("my models/exported");
    List<String> arguments = List.of(out.toString(), "recipe=" + RTN, "to=" + to);
    Sweeps.Ended ended = Sweeps.command("export", arguments);
    assertThat(ended.status()).as(ended.err()).isEqualTo(Main.OK);
    assertThat(ended.out())
        .startsWith("Wrote " + to + "\n")
        .contains(
            "4 matrices of " + RTN + ", rounded once to F16 or F32; the other 4 tensors",
            "effective bits per weight: " + effectiveBits() + " in these matrices",
            "transformers.AutoModelForMaskedLM.from_pretrained(\"" + to + "\")");
    assertThat(files(to.getParent()))
        .containsOnlyKeys(
            "exported/1_Pooling/config.json",
            "exported/assay.json",
            "exported/config.json",
            "exported/model.safetensors",
            "exported/modules.json",
            "exported/vocab.txt");
    assertWeights(to, RTN);

    Sweeps.Ended again = Sweeps.command("export", arguments);
    assertThat(again.status()).isEqualTo(Main.BAD_INPUT);
    assertThat(again.err()).startsWith("assay: " + to).contains("Exists already").hasLineCount(1);

    Map<String, byte[]> first = files(to);
    assertSame(first, exported(RTN, "from artifacts"));
    FileUtils.deleteDirectory(out.resolve("test/artifacts").toFile());
    assertSame(first, exported(RTN, "made again"));

    Map<String, byte[]> svd = exported(SVD, "svd");
    assertWeights(temporary.resolve("svd"), SVD);
    FileUtils.deleteDirectory(out.resolve("test/factors").toFile());
    assertSame(svd, exported(SVD, "svd without factors"));
    FileUtils.deleteDirectory(out.resolve("test/artifacts").toFile());
    assertRefused(request(SVD), "test/factors/", "layer.0", "sweep the recipe again");
    assertThat(temporary.resolve("refused")).doesNotExist();
  }

  /** Another checkpoint of the same header, length and time: last bits of some weights differ. */
  private static void train(Path model) throws IOException {
    Path file = model.resolve("model.safetensors");
    FileTime time = Files.getLastModifiedTime(file);
    byte[] bytes = Files.readAllBytes(file);
    int data = 8 + (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    for (int i = data; i < bytes.length; i += 16) {
      bytes[i] ^= 1;
    }
    Files.write(file, bytes);
    Files.setLastModifiedTime(file, time);
  }

  @Test
  void whatWasNotMeasuredIsRefused() throws IOException {
    sweep(
        "recipes=[{method=rtn, bits=4, granularity=row}, {method=magnitude-preserve, keep=100},"
            + " {method=zeroquant}]");
    assertRefused(request("zeroquant"), "zeroquant", "rounds the inputs", "activation-bits = 16");
    assertRefused(request("rtn(bits=4)"), "rtn(bits=4)", "Nearest are '" + RTN + "'", "sql");
    assertRefused(request("rtn(bits=4, granularity=rows)"), "Nearest are '" + RTN + "'");
    assertRefused(
        request("magnitude-preserve(keep=100)"), "2 of its 4 cells failed", "query.weight", "100");
    Files.setLastModifiedTime(model.resolve("model.safetensors"), FileTime.fromMillis(1000));
    ModelExport.Summary touched = run(request(RTN));
    assertThat(touched.matrices()).isEqualTo(4);
    FileUtils.deleteDirectory(temporary.resolve("refused").toFile());
    train(model);
    assertRefused(request(RTN), model.toString(), "4 of the 4 cells", "other ids");
    FileUtils.moveDirectory(model.toFile(), temporary.resolve("moved").toFile());
    assertRefused(request(RTN), model.toString(), "model=DIR");
    assertThat(files(temporary)).doesNotContainKey("refused/config.json");
  }

  @Test
  void aRecipeThatDoesNotCoverEveryMatrixIsRefused() throws IOException {
    String grid = "recipes=[{method=rtn, bits=4, granularity=row}]";
    sweep(grid, "matrices=[\"*.layer.0.*\"]");
    String run = Sweeps.run(Sweeps.settings(out, "model=\"" + model + "\"", grid)).runId();
    FileUtils.deleteDirectory(out.resolve("test/cells/run=" + run).toFile());
    assertRefused(request(RTN), "2 of its 4 cells are not computed yet", "layer.1", "sweep test");
  }

  @Test
  void ofSeveralSweepsAndModelsOneMustBeNamed() throws IOException {
    String grid = "recipes=[{method=rtn, bits=4, granularity=row}]";
    sweep(grid);
    Path second = temporary.resolve("second");
    FileUtils.copyDirectory(model.toFile(), second.toFile());
    train(second);
    sweep(grid, "model=\"" + second + "\"");
    sweep(grid, "sweep=other");
    assertRefused(request(RTN), "other, test", "sweep=NAME");
    assertRefused(request(RTN, "sweep", "tset"), "sweep=tset", "Did you mean 'test'?");
    assertRefused(request(RTN, "sweep", "test"), "model, second", "model-name=NAME");
    assertRefused(
        request(RTN, "sweep", "test", "model-name", "third"), "model-name=third", "second");
    ModelExport.Summary summary = run(request(RTN, "sweep", "test", "model-name", "second"));
    JsonNode said = new ObjectMapper().readTree(temporary.resolve("refused/assay.json").toFile());
    assertThat(said.get("model").asText()).isEqualTo("second");
    assertThat(summary.matrices()).isEqualTo(4);
    FileUtils.deleteDirectory(temporary.resolve("refused").toFile());

    // The checkpoint under another path; and a sweep's own folder as output.
    Path moved = temporary.resolve("moved");
    FileUtils.moveDirectory(model.toFile(), moved.toFile());
    ModelExport.Request other =
        new ModelExport.Request(
            out.resolve("other").toString(),
            RTN,
            temporary.resolve("refused").toString(),
            Optional.empty(),
            Optional.of("model"),
            Optional.of(moved.toString()));
    assertThat(run(other).matrices()).isEqualTo(4);
  }

  @Test
  void argumentsAreChecked() {
    assertOneLine(List.of(out.toString(), "recipe=x"), "to is missing");
    assertOneLine(List.of(out.toString(), "to=x"), "recipe is missing");
    assertOneLine(List.of(out.toString(), "recipe=x", "to="), "to has no value");
    assertOneLine(List.of(out.toString(), "recipy=x", "to=x"), "Did you mean 'recipe'?");
    assertOneLine(
        List.of(out.toString(), "recipe=x", "to=" + temporary.resolve("to")), out.toString());
  }

  private void assertOneLine(List<String> arguments, String said) {
    Sweeps.Ended ended = Sweeps.command("export", arguments);
    assertThat(ended.status()).isEqualTo(Main.BAD_INPUT);
    assertThat(ended.err()).startsWith("assay: ").contains(said).hasLineCount(1);
    assertThat(ended.out()).isEmpty();
  }

  /** Replaced matrices are what the artifacts decode to, everything else is the source's. */
  private void assertWeights(Path directory, String label) throws IOException {
    Map<String, String> cells = new TreeMap<>();
    Sweeps.files(out)
        .query("SELECT unit, cell_id FROM ${cells} WHERE label = '" + label + "'")
        .forEach(row -> cells.put((String) row.get(0), (String) row.get(1)));
    assertThat(cells).hasSize(4);
    try (SafetensorsFile written = SafetensorsFile.open(directory.resolve("model.safetensors"))) {
      assertThat(written.entries()).hasSize(tensors.size());
      for (Map.Entry<String, TensorData> tensor : tensors.entrySet()) {
        String name = tensor.getKey();
        byte[] expected = tensor.getValue().bytes();
        if (cells.containsKey(name)) {
          Path file = out.resolve("test/artifacts/" + cells.get(name) + ".safetensors");
          try (SafetensorsFile artifact = SafetensorsFile.open(file)) {
            List<Long> shape = tensor.getValue().shape();
            Matrix effective =
                Artifact.read(artifact, shape.get(0).intValue(), shape.get(1).intValue()).decode();
            DType dtype = tensor.getValue().type().dtype().orElseThrow();
            expected = TensorData.of(dtype, effective).bytes();
            assertThat(expected).isNotEqualTo(tensor.getValue().bytes());
          }
        }
        assertThat(written.bytes(name)).as(name).isEqualTo(expected);
        assertThat(written.entry(name).type()).isEqualTo(tensor.getValue().type());
        assertThat(written.entry(name).shape()).isEqualTo(tensor.getValue().shape());
      }
      JsonNode said = new ObjectMapper().readTree(directory.resolve("assay.json").toFile());
      assertThat(written.metadata())
          .containsEntry("format", "pt")
          .containsEntry("made by", "test")
          .containsEntry("assay.recipe", label)
          .containsEntry("assay.sweep", "test")
          .containsEntry("assay.cells", said.get("cells_sha256").asText());
      assertThat(said.get("recipe").asText()).isEqualTo(label);
      cells.forEach((name, id) -> assertThat(said.get("cells").get(name).asText()).isEqualTo(id));
    }
    for (String copied : List.of("config.json", "vocab.txt", "1_Pooling/config.json")) {
      assertThat(directory.resolve(copied)).hasSameBinaryContentAs(model.resolve(copied));
    }
  }

  private String effectiveBits() {
    return (String)
        Sweeps.files(out)
            .value(
                "SELECT printf('%.3f', 8.0 * sum(stored_bytes) / sum(rows * cols)) FROM"
                    + " ${layer_metrics} JOIN ${cells} USING (cell_id) WHERE label = '"
                    + RTN
                    + "'");
  }

  private Map<String, byte[]> exported(String recipe, String name) throws IOException {
    Path to = temporary.resolve(name);
    run(
        new ModelExport.Request(
            out.toString(),
            recipe,
            to.toString(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()));
    return files(to);
  }

  private static void assertSame(Map<String, byte[]> first, Map<String, byte[]> second) {
    assertThat(second).containsOnlyKeys(first.keySet());
    first.forEach((name, bytes) -> assertThat(second.get(name)).as(name).isEqualTo(bytes));
  }

  private ModelExport.Request request(String recipe, String... keys) {
    Map<String, String> more = new HashMap<>();
    for (int i = 0; i < keys.length; i += 2) {
      more.put(keys[i], keys[i + 1]);
    }
    return new ModelExport.Request(
        out.toString(),
        recipe,
        temporary.resolve("refused").toString(),
        Optional.ofNullable(more.get("sweep")),
        Optional.ofNullable(more.get("model-name")),
        Optional.empty());
  }

  private static void assertRefused(ModelExport.Request request, String... said) {
    assertThatThrownBy(() -> run(request))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll(said);
  }

  private static ModelExport.Summary run(ModelExport.Request request) throws IOException {
    PrintStream quiet = new PrintStream(OutputStream.nullOutputStream(), false, UTF_8);
    return new ModelExport(LocalSpark.session(), request, quiet).run();
  }

  private void sweep(String... arguments) {
    String[] all =
        Stream.concat(Stream.of("model=\"" + model + "\""), Stream.of(arguments))
            .toArray(String[]::new);
    Sweeps.run(Sweeps.settings(out, all));
  }

  private static Map<String, byte[]> files(Path folder) throws IOException {
    Map<String, byte[]> contents = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        contents.put(folder.relativize(path).toString(), Files.readAllBytes(path));
      }
    }
    return contents;
  }
}
