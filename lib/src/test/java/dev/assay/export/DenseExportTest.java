package dev.assay.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.assay.InputException;
import dev.assay.RealWeights;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.ElementType;
import dev.assay.checkpoint.Folder;
import dev.assay.checkpoint.LocalFolder;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.checkpoint.SafetensorsWriter;
import dev.assay.checkpoint.Tensor;
import dev.assay.checkpoint.TensorData;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DenseExportTest {
  private static final String QUERY = "encoder.layer.2.attention.self.query.weight";

  @TempDir Path temporary;

  @Test
  void anOnnxExportGetsHuggingFaceNamesAndShapes() throws IOException {
    Folder source = RealWeights.folder();
    Checkpoint checkpoint = Checkpoint.open(source);
    Matrix effective = gaussian(384, 384);
    DenseExport export = DenseExport.of(source, checkpoint, List.of(checkpoint.matrix(QUERY)));
    Path written = write(export, tensor -> effective);
    export.verify(new LocalFolder(written), tensor -> effective);

    try (SafetensorsFile file = SafetensorsFile.open(written.resolve("model.safetensors"))) {
      assertThat(file.entries()).hasSize(39 + 62);
      assertThat(file.metadata()).containsEntry("format", "pt").containsEntry("who", "test");
      assertThat(file.matrix(QUERY)).isEqualTo(effective);
      for (Tensor tensor : checkpoint.matrices()) {
        if (!tensor.name().equals(QUERY)) {
          assertThat(file.matrix(tensor.name())).isEqualTo(Checkpoint.read(source, tensor));
        }
      }
      for (Tensor tensor : checkpoint.vectors()) {
        assertThat(file.entry(tensor.name()).shape()).containsExactly((long) tensor.cols());
        assertThat(file.floats(tensor.name())).isEqualTo(Checkpoint.read(source, tensor).data());
      }
      assertThat(file.entry("encoder.layer.0.intermediate.dense.weight").shape())
          .containsExactly(1536L, 384L);
    }
    assertThat(export.copied()).containsExactly("tokenizer.json");
    assertThat(export.python("/a \"b\""))
        .isEqualTo("AutoModel.from_pretrained(\"/a \\\"b\\\"\", add_pooling_layer=False)");
  }

  @Test
  void configurationIsMadeWhereThereIsNone() throws IOException {
    Folder source = RealWeights.folder();
    Map<String, byte[]> made = DenseExport.of(source, Checkpoint.open(source), List.of()).made();
    assertThat(made).containsOnlyKeys("config.json", "tokenizer_config.json");
    JsonNode config = new ObjectMapper().readTree(made.get("config.json"));
    assertThat(config.get("architectures").get(0).asText()).isEqualTo("BertModel");
    assertThat(config.get("model_type").asText()).isEqualTo("bert");
    assertThat(config.get("num_attention_heads").asInt()).isEqualTo(12);
    assertThat(config.get("layer_norm_eps").asDouble()).isEqualTo(1e-12);
    assertThat(config.get("torch_dtype").asText()).isEqualTo("float32");
    JsonNode tokenizer = new ObjectMapper().readTree(made.get("tokenizer_config.json"));
    assertThat(tokenizer.get("do_lower_case").asBoolean()).isTrue();
    assertThat(tokenizer.get("model_max_length").asInt()).isEqualTo(512);
  }

  /** Two shards, a buffer of integers, a scalar, an empty tensor and 16-bit types. */
  @Test
  void shardsBecomeOneFileAndOnlyReplacedBytesChange() throws IOException {
    Map<String, TensorData> first = new LinkedHashMap<>();
    first.put("h.0.weight", TensorData.of(DType.F16, gaussian(6, 4)));
    first.put("h.1.weight", TensorData.of(DType.BF16, gaussian(6, 4)));
    first.put("ids", TensorData.of(ElementType.I64, new byte[24], 1, 3));
    Map<String, TensorData> second = new LinkedHashMap<>();
    second.put("h.2.weight", TensorData.of(DType.F16, gaussian(4, 6)));
    second.put("scale", TensorData.of(DType.F64, new double[] {0.1}));
    second.put("none", TensorData.of(ElementType.F32, new byte[0], 0, 5));
    Path model = Files.createDirectory(temporary.resolve("model"));
    shard(model.resolve("model-00001-of-00002.safetensors"), first);
    shard(model.resolve("model-00002-of-00002.safetensors"), second);
    Map<String, TensorData> all = new LinkedHashMap<>(first);
    all.putAll(second);
    Map<String, String> shards = new LinkedHashMap<>();
    first.keySet().forEach(name -> shards.put(name, "model-00001-of-00002.safetensors"));
    second.keySet().forEach(name -> shards.put(name, "model-00002-of-00002.safetensors"));
    Files.writeString(
        model.resolve("model.safetensors.index.json"),
        new ObjectMapper().writeValueAsString(Map.of("metadata", Map.of(), "weight_map", shards)));
    Files.writeString(model.resolve("config.json"), "{\"model_type\": \"other\"}");
    Files.writeString(model.resolve("vocab.txt"), "a");
    Files.writeString(model.resolve("pytorch_model.bin.txt"), "not for export");

    Folder source = new LocalFolder(model);
    Checkpoint checkpoint = Checkpoint.open(source);
    Matrix effective = gaussian(6, 4);
    DenseExport export =
        DenseExport.of(
            source,
            checkpoint,
            List.of(checkpoint.matrix("h.0.weight"), checkpoint.matrix("h.1.weight")));
    Path written = write(export, tensor -> effective);
    export.verify(new LocalFolder(written), tensor -> effective);
    try (SafetensorsFile file = SafetensorsFile.open(written.resolve("model.safetensors"))) {
      assertThat(file.entries()).hasSize(all.size());
      for (Map.Entry<String, TensorData> tensor : all.entrySet()) {
        byte[] expected =
            switch (tensor.getKey()) {
              case "h.0.weight" -> TensorData.of(DType.F16, effective).bytes();
              case "h.1.weight" -> TensorData.of(DType.BF16, effective).bytes();
              default -> tensor.getValue().bytes();
            };
        assertThat(file.bytes(tensor.getKey())).as(tensor.getKey()).isEqualTo(expected);
        assertThat(file.entry(tensor.getKey()).type()).isEqualTo(tensor.getValue().type());
        assertThat(file.entry(tensor.getKey()).shape()).isEqualTo(tensor.getValue().shape());
      }
    }
    assertThat(export.copied()).containsExactly("vocab.txt");
    assertThat(export.made().get("config.json"))
        .asString()
        .isEqualTo("{\"model_type\": \"other\"}");
    assertThat(export.python("x")).isEqualTo("AutoModel.from_pretrained(\"x\")");
  }

  @Test
  void aConv1dKeepsItsOrientation() throws IOException {
    String name = "h.0.attn.c_attn.weight";
    Path model =
        model(
            "{\"model_type\": \"gpt2\"}", Map.of(name, TensorData.of(DType.F32, gaussian(4, 12))));
    Checkpoint checkpoint = Checkpoint.open(new LocalFolder(model));
    Tensor tensor = checkpoint.matrix(name);
    assertThat(tensor.shape()).containsExactly(12, 4);
    Matrix effective = gaussian(12, 4);
    DenseExport export = DenseExport.of(new LocalFolder(model), checkpoint, List.of(tensor));
    Path written = write(export, t -> effective);
    export.verify(new LocalFolder(written), t -> effective);
    try (SafetensorsFile file = SafetensorsFile.open(written.resolve("model.safetensors"))) {
      assertThat(file.matrix(name)).isEqualTo(effective.transpose());
    }
  }

  @Test
  void anyChangedByteIsNoticed() throws IOException {
    Path model =
        model(
            "{\"model_type\": \"other\"}",
            Map.of(
                "h.0.weight", TensorData.of(DType.F32, gaussian(4, 4)),
                "h.0.bias", TensorData.of(DType.F32, new float[] {1, 2, 3, 4}, 4)));
    Checkpoint checkpoint = Checkpoint.open(new LocalFolder(model));
    Matrix effective = gaussian(4, 4);
    DenseExport export =
        DenseExport.of(
            new LocalFolder(model), checkpoint, List.of(checkpoint.matrix("h.0.weight")));
    Path written = write(export, t -> effective);
    Path file = written.resolve("model.safetensors");
    byte[] right = Files.readAllBytes(file);
    // Tensors end the file, by name: 16 bytes of the bias, 64 of the weight.
    for (Map.Entry<Integer, String> change : Map.of(1, "h.0.weight", 65, "h.0.bias").entrySet()) {
      byte[] wrong = right.clone();
      wrong[wrong.length - change.getKey()] ^= 1;
      Files.write(file, wrong);
      assertThatThrownBy(() -> export.verify(new LocalFolder(written), t -> effective))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(change.getValue());
    }
  }

  @Test
  void aWeightThatOverflowsItsTypeIsRefused() throws IOException {
    Path model =
        model(
            "{\"model_type\": \"other\"}",
            Map.of("h.0.weight", TensorData.of(DType.F16, gaussian(2, 2))));
    Checkpoint checkpoint = Checkpoint.open(new LocalFolder(model));
    DenseExport export =
        DenseExport.of(
            new LocalFolder(model), checkpoint, List.of(checkpoint.matrix("h.0.weight")));
    Matrix large = Matrix.of(2, 2, new float[] {1, 2, 70000, 4});
    assertThatThrownBy(() -> write(export, tensor -> large))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("h.0.weight", "70000", "F16", "BF16");
  }

  @Test
  void withoutConfigurationOnlyBertCanBeExported() throws IOException {
    Path model = model("", Map.of("h.0.weight", TensorData.of(DType.F32, gaussian(2, 2))));
    Folder source = new LocalFolder(model);
    Checkpoint checkpoint = Checkpoint.open(source);
    assertThatThrownBy(() -> DenseExport.of(source, checkpoint, List.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll(model.toString(), "config.json", "unknown");
  }

  private Path write(DenseExport export, DenseExport.EffectiveWeights weights) throws IOException {
    Path directory = Files.createDirectory(temporary.resolve("written"));
    for (Map.Entry<String, byte[]> made : export.made().entrySet()) {
      Files.write(directory.resolve(made.getKey()), made.getValue());
    }
    try (OutputStream out = Files.newOutputStream(directory.resolve("model.safetensors"))) {
      export.writeWeights(out, weights, Map.of("who", "test"));
    }
    return directory;
  }

  private Path model(String config, Map<String, TensorData> tensors) throws IOException {
    Path model = Files.createDirectory(temporary.resolve("model"));
    shard(model.resolve("model.safetensors"), tensors);
    if (!config.isEmpty()) {
      Files.write(model.resolve("config.json"), config.getBytes(StandardCharsets.UTF_8));
    }
    return model;
  }

  private static void shard(Path file, Map<String, TensorData> tensors) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      SafetensorsWriter.write(out, tensors, Map.of());
    }
  }

  private static Matrix gaussian(int rows, int cols) {
    Random random = new Random(31L * rows + cols);
    Matrix matrix = Matrix.zeros(rows, cols);
    for (int i = 0; i < matrix.size(); i++) {
      matrix.data()[i] = (float) random.nextGaussian();
    }
    return matrix;
  }
}
