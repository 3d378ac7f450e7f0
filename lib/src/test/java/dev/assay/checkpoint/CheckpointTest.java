package dev.assay.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.InputException;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CheckpointTest {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  private static Matrix random(long seed, int rows, int cols) {
    Random random = new Random(seed);
    float[] data = new float[rows * cols];
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) random.nextGaussian();
    }
    return Matrix.of(rows, cols, data);
  }

  private static TensorData f32(int rows, int cols) {
    return TensorData.of(DType.F32, random(rows + 31L * cols, rows, cols));
  }

  private static MemoryFolder single(Map<String, TensorData> tensors) {
    return new MemoryFolder().with(SINGLE, Bytes.safetensors(tensors));
  }

  private static String index(String... pairs) {
    List<String> entries = new ArrayList<>();
    for (int i = 0; i < pairs.length; i += 2) {
      entries.add("\"" + pairs[i] + "\":\"" + pairs[i + 1] + "\"");
    }
    return "{\"metadata\":{\"total_size\":8},\"weight_map\":{" + String.join(",", entries) + "}}";
  }

  @Test
  void listsFloatMatricesByNameWithNumbersInOrder() throws IOException {
    MemoryFolder folder =
        single(
            Map.of(
                "layer.10.weight", f32(2, 2),
                "layer.9.weight", TensorData.of(DType.F16, random(1, 2, 3)),
                "layer.9.bias", TensorData.of(DType.F32, new float[2], 2),
                "layer.1.weight", TensorData.of(DType.BF16, random(1, 4, 3)),
                "layer.01.weight", f32(1, 1),
                "double", TensorData.of(DType.F64, new double[4], 2, 2),
                "codes", TensorData.of(ElementType.U8, new byte[4], 2, 2),
                "none", TensorData.of(DType.F32, new float[0], 0, 2)));

    Checkpoint checkpoint = Checkpoint.open(folder);

    assertThat(checkpoint.modelType()).isEqualTo("unknown");
    assertThat(checkpoint.matrices())
        .extracting(Tensor::name)
        .containsExactly(
            "double", "layer.01.weight", "layer.1.weight", "layer.9.weight", "layer.10.weight");
    assertThat(checkpoint.matrix("layer.9.weight").dtype()).isEqualTo(DType.F16);
    assertThatThrownBy(() -> checkpoint.matrix("codes"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no 2-D float tensor codes");
    assertThat(checkpoint.inventory().leftOut())
        .extracting(LeftOut::toString)
        .containsExactlyInAnyOrder(
            "codes [2, 2], U8: not a type of real numbers that is read",
            "none [0, 2], F32: holds nothing");
  }

  @Test
  void theOrderIsOne() {
    List<String> names =
        List.of("", "a", "a0", "a00", "a0b", "a1", "a01", "a1b", "a2", "a10", "a10b2", "ab", "b");
    List<String> shuffled = new ArrayList<>(names);
    Collections.shuffle(shuffled, new Random(3));
    List<String> again = new ArrayList<>(shuffled);
    Collections.shuffle(again, new Random(4));

    shuffled.sort(NaturalOrder.COMPARATOR);
    again.sort(NaturalOrder.COMPARATOR);

    assertThat(shuffled).isEqualTo(again);
    assertThat(shuffled.indexOf("a2")).isLessThan(shuffled.indexOf("a10"));
    assertThat(NaturalOrder.COMPARATOR.compare("a1", "a01")).isNotZero();
  }

  @Test
  void readsWholeMatricesAndRowsLargerThanAChunk() throws IOException {
    Matrix weight = random(7, 700, 1100);
    for (DType dtype : List.of(DType.F32, DType.F16, DType.BF16)) {
      MemoryFolder folder =
          single(Map.of("a.weight", TensorData.of(dtype, weight), "b.weight", f32(3, 5)));
      Tensor tensor = Checkpoint.open(folder).matrix("a.weight");
      Matrix expected = weight.copy();
      for (int i = 0; i < expected.size(); i++) {
        expected.data()[i] = dtype.round(expected.data()[i]);
      }

      assertThat(Checkpoint.read(folder, tensor)).isEqualTo(expected);
      long before = folder.bytesRead();
      Matrix rows = Checkpoint.readRows(folder, tensor, 690, 10);
      assertThat(folder.bytesRead() - before).isEqualTo(10L * 1100 * dtype.bytes());
      assertThat(rows.data())
          .isEqualTo(Arrays.copyOfRange(expected.data(), 690 * 1100, 700 * 1100));
      assertThat(Checkpoint.readRows(folder, tensor, 5, 0).rows()).isZero();
      assertThatThrownBy(() -> Checkpoint.readRows(folder, tensor, 695, 6))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void transposesWhatIsStoredInByOut() throws IOException {
    // Short rows, rows longer than a chunk, one column, one row.
    for (int[] shape : new int[][] {{37, 53}, {2, 300_000}, {300_000, 1}, {1, 7}, {900, 700}}) {
      Matrix stored = random(11, shape[0], shape[1]);
      MemoryFolder folder =
          single(Map.of("h.0.mlp.c_fc.weight", TensorData.of(DType.F32, stored)))
              .with("config.json", "{\"model_type\":\"gpt2\"}");
      Tensor tensor = Checkpoint.open(folder).matrix("h.0.mlp.c_fc.weight");
      Matrix expected = stored.transpose();

      assertThat(tensor.layout()).isEqualTo(Tensor.Layout.IN_OUT);
      assertThat(tensor.shape()).containsExactly(shape[1], shape[0]);
      assertThat(Checkpoint.read(folder, tensor)).isEqualTo(expected);
      int rows = tensor.rows();
      for (int[] range : new int[][] {{0, 1}, {rows - 1, 1}, {rows / 3, rows - rows / 3}}) {
        Matrix part = Checkpoint.readRows(folder, tensor, range[0], range[1]);
        int from = range[0] * tensor.cols();
        assertThat(part.data())
            .isEqualTo(Arrays.copyOfRange(expected.data(), from, from + range[1] * tensor.cols()));
      }
    }
  }

  @Test
  void tellsTheArchitectureFromConfigurationOrNames() throws IOException {
    Map<String, TensorData> bert =
        Map.of("bert.encoder.layer.0.attention.self.query.weight", f32(2, 2));
    assertThat(Checkpoint.open(single(bert)).modelType()).isEqualTo("bert");
    assertThat(
            Checkpoint.open(single(bert).with("config.json", "{\"model_type\":\"electra\"}"))
                .modelType())
        .isEqualTo("electra");
    assertThat(Checkpoint.open(single(bert).with("config.json", "{\"x\":[{}]}")).modelType())
        .isEqualTo("bert");
    assertThat(
            Checkpoint.open(single(Map.of("transformer.layer.0.attention.q_lin.weight", f32(2, 2))))
                .modelType())
        .isEqualTo("distilbert");
    assertThat(
            Checkpoint.open(
                    single(
                        Map.of("roberta.encoder.layer.0.attention.self.query.weight", f32(2, 2))))
                .modelType())
        .isEqualTo("roberta");
  }

  @Test
  void aConv1dIsToldFromALinearByItsShape() throws IOException {
    Tensor conv1d =
        Checkpoint.open(single(Map.of("h.0.attn.c_attn.weight", f32(4, 12)))).matrices().get(0);
    Tensor linear =
        Checkpoint.open(single(Map.of("h.0.attn.c_attn.weight", f32(12, 4)))).matrices().get(0);

    assertThat(conv1d.shape()).isEqualTo(linear.shape()).containsExactly(12, 4);
    assertThat(conv1d.layout()).isEqualTo(Tensor.Layout.IN_OUT);
    assertThat(linear.layout()).isEqualTo(Tensor.Layout.OUT_IN);
  }

  @Test
  void joinsShards() throws IOException {
    MemoryFolder folder =
        new MemoryFolder()
            .with("m-1.safetensors", Bytes.safetensors(Map.of("b", f32(2, 2))))
            .with("m-2.safetensors", Bytes.safetensors(Map.of("a", f32(3, 2), "c", f32(1, 4))))
            .with(
                INDEX,
                index("a", "m-2.safetensors", "b", "m-1.safetensors", "c", "m-2.safetensors"));

    Checkpoint checkpoint = Checkpoint.open(folder);

    assertThat(checkpoint.matrices()).extracting(Tensor::name).containsExactly("a", "b", "c");
    assertThat(Checkpoint.read(folder, checkpoint.matrix("c"))).isEqualTo(random(1 + 31 * 4, 1, 4));
    assertThat(Checkpoint.read(folder, checkpoint.matrix("b"))).isEqualTo(random(2 + 62, 2, 2));
  }

  @Test
  void prefersOneFileThenShardsThenOnnx() throws IOException {
    byte[] onnx = Onnx.model(Onnx.initializer("o.w", Onnx.FLOAT, new byte[4], 1, 1));
    MemoryFolder folder =
        new MemoryFolder().with("x.onnx", onnx).with("pytorch_model.bin", "pickle");
    assertThat(Checkpoint.open(folder).matrices()).extracting(Tensor::name).containsExactly("o.w");

    folder
        .with("m-1.safetensors", Bytes.safetensors(Map.of("s", f32(1, 1))))
        .with(INDEX, index("s", "m-1.safetensors"));
    assertThat(Checkpoint.open(folder).matrices()).extracting(Tensor::name).containsExactly("s");

    folder.with(SINGLE, Bytes.safetensors(Map.of("one", f32(1, 1))));
    assertThat(Checkpoint.open(folder).matrices()).extracting(Tensor::name).containsExactly("one");
  }

  @Test
  void aFileThatShrankIsOneError() throws IOException {
    byte[] file = Bytes.safetensors(Map.of("a", f32(20, 20)));
    Tensor tensor = Checkpoint.open(new MemoryFolder().with(SINGLE, file)).matrix("a");
    MemoryFolder shrunk = new MemoryFolder().with(SINGLE, Arrays.copyOf(file, file.length - 1));

    assertThatThrownBy(() -> Checkpoint.read(shrunk, tensor))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("tensor a: The file ends before the tensor does");
  }

  @Test
  void aMatrixBeyondAnArrayIsAnErrorOnlyWhenRead() throws IOException {
    Tensor tensor =
        new Tensor("a", SINGLE, DType.F16, 1 << 16, 1 << 15, 0, Tensor.Layout.OUT_IN, "id");
    MemoryFolder folder = new MemoryFolder().with(SINGLE, new byte[1 << 17]);

    assertThatThrownBy(() -> Checkpoint.read(folder, tensor))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("65536 × 32768 elements exceed the 2147483639");
    assertThat(Checkpoint.readRows(folder, tensor, 1, 1).cols()).isEqualTo(1 << 15);
  }

  static Stream<Arguments> refused() {
    byte[] shard = Bytes.safetensors(Map.of("a", f32(1, 1)));
    byte[] onnx = Onnx.model();
    String one = "m-1.safetensors";
    byte[] pickle = {(byte) 0x80, 2, 'c', 'o', 's'};
    return Stream.of(
        Arguments.of("nothing", new MemoryFolder(), "It holds no files"),
        Arguments.of(
            "other files",
            new MemoryFolder().with("README.md", "x").with("weights.safetensors", shard),
            "It holds README.md, weights.safetensors"),
        Arguments.of(
            "pytorch_model.bin",
            new MemoryFolder().with("pytorch_model.bin", "x").with("config.json", "{}"),
            "pytorch_model.bin: Is a pickle, and loading a pickle can run any code"),
        Arguments.of(
            "pickle shards",
            new MemoryFolder().with("pytorch_model-00001-of-00002.bin", "x"),
            "save_pretrained(\".\", safe_serialization=True)"),
        Arguments.of("a.pt", new MemoryFolder().with("a.pt", "x"), "torch.load(\"a.pt\""),
        Arguments.of("a.ckpt", new MemoryFolder().with("a.ckpt", "x"), "Is a pickle"),
        Arguments.of("a.pth", new MemoryFolder().with("a.pth", "x"), "Is a pickle"),
        Arguments.of(
            "pickle by magic", new MemoryFolder().with("weights", pickle), "weights: Is a pickle"),
        Arguments.of(
            "pickle called safetensors", new MemoryFolder().with(SINGLE, "PK\3\4......"), "pickle"),
        Arguments.of(
            "two ONNX models",
            new MemoryFolder().with("a.onnx", onnx).with("b.onnx", onnx),
            "Holds 2 ONNX models: a.onnx, b.onnx"),
        Arguments.of(
            "missing shard",
            new MemoryFolder()
                .with(one, shard)
                .with(INDEX, index("a", one, "b", "m-2.safetensors")),
            "Names 2 shards, of which 1 are missing: m-2.safetensors"),
        Arguments.of(
            "tensor not in its shard",
            new MemoryFolder().with(one, shard).with(INDEX, index("a", one, "b", one)),
            "m-1.safetensors holds tensor b, which it does not"),
        Arguments.of(
            "tensor not in the index",
            new MemoryFolder()
                .with(one, Bytes.safetensors(Map.of("a", f32(1, 1), "b", f32(1, 1))))
                .with(INDEX, index("a", one)),
            "Does not list tensor b in m-1.safetensors"),
        Arguments.of(
            "tensor in two shards",
            new MemoryFolder()
                .with(one, shard)
                .with("m-2.safetensors", Bytes.safetensors(Map.of("a", f32(1, 1), "b", f32(1, 1))))
                .with(INDEX, index("a", one, "b", "m-2.safetensors")),
            "Does not list tensor a in m-2.safetensors"),
        Arguments.of(
            "parent directory",
            new MemoryFolder().with(INDEX, index("a", "../m.safetensors")),
            "\"../m.safetensors\", which is not a plain file name"),
        Arguments.of("dots", new MemoryFolder().with(INDEX, index("a", "..")), "plain file name"),
        Arguments.of(
            "absolute path",
            new MemoryFolder().with(INDEX, index("a", "/etc/passwd")),
            "plain file name"),
        Arguments.of(
            "subdirectory", new MemoryFolder().with(INDEX, index("a", "x/y")), "plain file name"),
        Arguments.of(
            "URI", new MemoryFolder().with(INDEX, index("a", "hdfs:y")), "plain file name"),
        Arguments.of(
            "listed twice", new MemoryFolder().with(INDEX, index("a", one, "a", one)), "Duplicate"),
        Arguments.of(
            "no map", new MemoryFolder().with(INDEX, "{\"metadata\":{}}"), "Has no weight_map"),
        Arguments.of(
            "map of numbers",
            new MemoryFolder().with(INDEX, "{\"weight_map\":{\"a\":1}}"),
            "weight_map of a is 1, not a string"),
        Arguments.of(
            "map as a list", new MemoryFolder().with(INDEX, "{\"weight_map\":[]}"), "an array"),
        Arguments.of("index not JSON", new MemoryFolder().with(INDEX, "{"), "JSON is broken"),
        Arguments.of("index a list", new MemoryFolder().with(INDEX, "[]"), "is not an object"),
        Arguments.of(
            "configuration not JSON",
            new MemoryFolder().with(SINGLE, shard).with("config.json", "model_type: bert"),
            "config.json: The JSON is broken"),
        Arguments.of(
            "model type a number",
            new MemoryFolder().with(SINGLE, shard).with("config.json", "{\"model_type\":3}"),
            "model_type is 3, not a string"),
        Arguments.of(
            "a dimension beyond int",
            new MemoryFolder().with(SINGLE, hugeDimension()),
            "tensor t: data_offsets"));
  }

  private static byte[] hugeDimension() {
    String header = "{\"t\":{\"dtype\":\"F16\",\"shape\":[1,4294967296],\"data_offsets\":[0,8]}}";
    return Bytes.file(header, 8);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void refuses(String what, MemoryFolder folder, String message) {
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .as(what)
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("mem:/model")
        .hasMessageContaining(message);
  }

  @Test
  void configurationMustBeText() {
    byte[] latin1 = "{\"model_type\":\"é\"}".getBytes(StandardCharsets.ISO_8859_1);
    MemoryFolder folder = single(Map.of("a", f32(1, 1))).with("config.json", latin1);

    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("not valid UTF-8");
  }
}
