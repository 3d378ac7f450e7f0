package dev.assay.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.SharedFiles;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Real fine-tuned checkpoints, on machines that have them. */
class SharedCheckpointsTest {

  @Test
  void oneFileOfHalves() throws IOException {
    Path directory = SharedFiles.require("models/minilm-l6-rte");
    LocalFolder folder = new LocalFolder(directory);

    Checkpoint checkpoint = Checkpoint.open(folder);

    assertThat(checkpoint.modelType()).isEqualTo("bert");
    List<Tensor> linears =
        checkpoint.matrices().stream()
            .filter(t -> checkpoint.family().isBlockLinear(t.name()))
            .toList();
    assertThat(linears).hasSize(36).allMatch(tensor -> tensor.dtype() == DType.F16);
    assertThat(checkpoint.matrices()).hasSizeGreaterThan(linears.size());
    try (SafetensorsFile file = SafetensorsFile.open(directory.resolve("model.safetensors"))) {
      for (Tensor tensor : checkpoint.matrices()) {
        Matrix matrix = Checkpoint.read(folder, tensor);
        assertThat(matrix).isEqualTo(file.matrix(tensor.name()));
        assertThat(matrix.firstNonFinite()).isEqualTo(-1);
      }
    }
  }

  @Test
  void twoShardsOfBfloats() throws IOException {
    LocalFolder folder = new LocalFolder(SharedFiles.require("models/distilbert-random-tiny"));

    Checkpoint checkpoint = Checkpoint.open(folder);

    assertThat(checkpoint.modelType()).isEqualTo("distilbert");
    List<Tensor> linears =
        checkpoint.matrices().stream()
            .filter(t -> checkpoint.family().isBlockLinear(t.name()))
            .toList();
    assertThat(linears).hasSize(12).allMatch(tensor -> tensor.dtype() == DType.BF16);
    assertThat(checkpoint.matrices().stream().map(Tensor::file).distinct()).hasSize(2);
    Tensor lin1 = checkpoint.matrix("distilbert.transformer.layer.1.ffn.lin1.weight");
    assertThat(lin1.shape()).containsExactly(256, 64);
    String site = "distilbert.transformer.layer.1.mlp";
    assertThat(checkpoint.family().place(lin1.name()))
        .isEqualTo(new dev.assay.family.Place(1, site, "up", site + ".input"));
    for (Tensor tensor : checkpoint.matrices()) {
      assertThat(Checkpoint.read(folder, tensor).firstNonFinite()).isEqualTo(-1);
    }
  }
}
