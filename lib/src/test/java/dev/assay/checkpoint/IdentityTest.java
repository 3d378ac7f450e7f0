package dev.assay.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands for a weight is what it holds. */
class IdentityTest {
  private static final String SINGLE = "model.safetensors";

  @TempDir Path temporary;

  private static TensorData f32(float first, int rows, int cols) {
    float[] values = new float[rows * cols];
    values[0] = first;
    return TensorData.of(DType.F32, values, rows, cols);
  }

  private static Checkpoint identified(Folder folder) throws IOException {
    Checkpoint checkpoint = Checkpoint.open(folder);
    Map<Extent, String> digests = new HashMap<>();
    for (Extent extent : checkpoint.extents()) {
      digests.put(extent, extent.sha256(folder));
    }
    return checkpoint.identified(digests);
  }

  private static Folder single(Map<String, TensorData> tensors) {
    return new MemoryFolder().with(SINGLE, Bytes.safetensors(tensors));
  }

  private static String identity(Map<String, TensorData> tensors, String name) throws IOException {
    return identified(single(tensors)).matrix(name).identity();
  }

  @Test
  void oneMatrixThatDiffersIsAnother() throws IOException {
    // Header, length, and all but the last bytes are equal.
    Checkpoint one = identified(single(Map.of("a", f32(1, 300, 200), "b", f32(1, 2, 2))));
    Checkpoint other = identified(single(Map.of("a", f32(1, 300, 200), "b", f32(2, 2, 2))));

    assertThat(other.matrix("a").identity()).isEqualTo(one.matrix("a").identity());
    assertThat(other.matrix("b").identity()).isNotEqualTo(one.matrix("b").identity());
    assertThat(other.identity()).isNotEqualTo(one.identity());
  }

  @Test
  void nameTypeShapeAndContentsCount() throws IOException {
    TensorData zeros = f32(0, 2, 6);
    String identity = identity(Map.of("a", zeros), "a");

    assertThat(identity).matches("[0-9a-f]{64}");
    assertThat(identity(Map.of("b", zeros), "b")).isNotEqualTo(identity);
    assertThat(identity(Map.of("a", f32(0, 3, 4)), "a")).isNotEqualTo(identity);
    assertThat(identity(Map.of("a", f32(1, 2, 6)), "a")).isNotEqualTo(identity);
    TensorData halves = TensorData.of(ElementType.F16, new byte[24], 2, 6);
    TensorData bfloats = TensorData.of(ElementType.BF16, new byte[24], 2, 6);
    assertThat(identity(Map.of("a", halves), "a"))
        .isNotEqualTo(identity(Map.of("a", bfloats), "a"));
    assertThat(identity(Map.of("a", zeros, "z", f32(5, 1, 1)), "a")).isEqualTo(identity);
    String name = "h.0.attn.c_attn.weight";
    Folder turned =
        new MemoryFolder()
            .with(SINGLE, Bytes.safetensors(Map.of(name, f32(1, 4, 4))))
            .with("config.json", "{\"model_type\":\"gpt2\"}");
    assertThat(identified(turned).matrix(name).layout()).isEqualTo(Tensor.Layout.IN_OUT);
    assertThat(identified(turned).matrix(name).identity())
        .isNotEqualTo(identity(Map.of(name, f32(1, 4, 4)), name));
  }

  /** Ids hang on it: it may change only with all of them. */
  @Test
  void isTheSameInEveryVersion() throws IOException {
    assertThat(identity(Map.of("layer.0.weight", f32(1, 2, 3)), "layer.0.weight"))
        .isEqualTo("c7ac23068b3e472c6f73bbef20ae05e238d2bbc382b343e3222dbbed39f07799");
  }

  @Test
  void whereAndInHowManyFilesItLiesDoesNotCount() throws IOException {
    Map<String, TensorData> tensors = new TreeMap<>();
    tensors.put("a", f32(1, 3, 4));
    tensors.put("b", f32(2, 4, 3));
    tensors.put("c", TensorData.of(DType.F32, new float[] {3}, 1));
    byte[] first = Bytes.safetensors(Map.of("b", tensors.get("b")));
    byte[] second = Bytes.safetensors(Map.of("a", tensors.get("a"), "c", tensors.get("c")));
    String index =
        "{\"weight_map\": {\"a\": \"2.safetensors\", \"b\": \"1.safetensors\","
            + " \"c\": \"2.safetensors\"}}";
    Folder shards =
        new MemoryFolder()
            .with(ShardIndex.FILE, index)
            .with("1.safetensors", first)
            .with("2.safetensors", second);
    Path copy = Files.createDirectory(temporary.resolve("copy"));
    Files.write(copy.resolve(SINGLE), Bytes.safetensors(tensors));

    Checkpoint whole = identified(single(tensors));
    for (Folder other : List.of(shards, new LocalFolder(copy))) {
      Checkpoint found = identified(other);
      assertThat(found.identity()).isEqualTo(whole.identity());
      assertThat(found.matrices())
          .extracting(Tensor::identity)
          .isEqualTo(whole.matrices().stream().map(Tensor::identity).toList());
    }
  }

  @Test
  void initializersOfAnOnnxFileAreToldApartByContents() throws IOException {
    Checkpoint one = identified(onnx(1));
    Checkpoint other = identified(onnx(2));
    assertThat(identified(onnx(1)).identity()).isEqualTo(one.identity());
    assertThat(other.matrix("a.b.weight").identity())
        .isNotEqualTo(one.matrix("a.b.weight").identity());
  }

  private static Folder onnx(float first) {
    byte[] raw = Elements.encode(DType.F32, new float[] {first, 2, 3, 4, 5, 6});
    return new MemoryFolder()
        .with(
            "model.onnx",
            Onnx.model(
                Onnx.initializer("a.b.weight", Onnx.FLOAT, raw, 2, 3),
                Onnx.node("MatMul", "/a/MatMul", "y", "x", "a.b.weight")));
  }

  @Test
  void headersAloneGiveDistinctIdentitiesThatAreNoWeights() throws IOException {
    Folder folder = single(Map.of("a", f32(0, 2, 2), "b", f32(0, 2, 2)));
    List<String> unread =
        Checkpoint.open(folder).matrices().stream().map(Tensor::identity).toList();
    assertThat(unread).doesNotHaveDuplicates();
    assertThat(identified(folder).matrices())
        .extracting(Tensor::identity)
        .doesNotContainAnyElementsOf(unread);
  }

  @Test
  void aLocalFileThatIsRewrittenHasAnotherStampWhateverItsTimesSay() throws Exception {
    Path file = temporary.resolve("weights");
    Files.write(file, "0123456789".getBytes(UTF_8));
    FileTime modified = Files.getLastModifiedTime(file);
    FileStamp before = FileStamp.ofLocal(file);
    assertThat(FileStamp.ofLocal(file)).isEqualTo(before);
    assertThat(before.settled()).isAfter(before.changed());
    while (java.time.Instant.now().isBefore(before.settled())) {
      Thread.sleep(5);
    }
    Files.write(file, "9876543210".getBytes(UTF_8));
    Files.setLastModifiedTime(file, modified);

    assertThat(Files.getLastModifiedTime(file)).isEqualTo(modified);
    assertThat(FileStamp.ofLocal(file)).isNotEqualTo(before);
    Path link = Files.createSymbolicLink(temporary.resolve("link"), file);
    assertThat(FileStamp.ofLocal(link)).isEqualTo(FileStamp.ofLocal(file));
  }

  @Test
  void anExtentIsDigestedAsSha256sumDoes() throws IOException {
    Folder folder = new MemoryFolder().with("f", "xxabcxx");
    assertThat(new Extent("f", 2, 3).sha256(folder))
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assertThat(Extent.whole(folder, "f")).isEqualTo(new Extent("f", 0, 7));
  }
}
