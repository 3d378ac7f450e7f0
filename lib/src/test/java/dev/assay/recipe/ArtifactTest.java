package dev.assay.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.InputException;
import dev.assay.RealWeights;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.checkpoint.SafetensorsHeader;
import dev.assay.checkpoint.SafetensorsWriter;
import dev.assay.checkpoint.TensorData;
import dev.assay.part.Artifact;
import dev.assay.part.CompressedMatrix;
import dev.assay.tensor.DType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArtifactTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{method = dense}",
        "{method = rtn, bits = 3, granularity = \"group(100)\"}",
        "{method = rtn, bits = 8, granularity = tensor, zero-type = f16, scale-type = f16}",
        "{method = rtn, bits = 5, zero-type = u8, scale-type = bf16}",
        "{method = svd-preserve, keep = 256}",
        "{method = magnitude-preserve, keep = \"1%\", index-type = csr16, value-type = f16}",
        "{method = rtn, bits = 3, zero-type = f32}",
        "{name = real, stages = [{stage = quantize, bits = 3, grid = min-max, zero-type = f16,"
            + " granularity = \"group(48)\", scale-type = bf16}]}",
        "{name = second, stages = [{stage = quantize, bits = 3, grid = min-max, zero-bits = 4,"
            + " granularity = \"group(100)\", scale-bits = 3, second-level-rows = 25}]}",
        "{name = scales, stages = [{stage = quantize, bits = 4, grid = gptq-asym, scale-bits = 5,"
            + " granularity = row, scale-type = f16}]}",
        "{method = svd, rank = 16}",
        "{method = svd-residual, rank = 8, bits = 3}",
        "{method = magnitude-prune}",
        "{method = magnitude-prune, sparsity = none, pattern = \"2:4\", value-type = f16}",
        "{name = pruned, stages = [{stage = protect, score = random, keep = 99},"
            + " {stage = prune, score = magnitude, sparsity = 0.7, scope = row},"
            + " {stage = quantize, bits = 3, grid = gptq-asym, granularity = \"group(100)\"}]}",
        "{name = sparse-residual, stages = [{stage = factor, rank = 8, then = residual,"
            + " right {stages = [{stage = prune, score = magnitude, pattern = \"1:3\"},"
            + " {stage = keep}]}},"
            + " {stage = prune, score = magnitude, sparsity = 0.9, scope = matrix},"
            + " {stage = keep, value-type = bf16}]}",
        "{name = all, stages = [{stage = factor, rank = 8, then = residual,"
            + " left {stages = [{stage = protect, score = magnitude, keep = 9},"
            + " {stage = quantize, bits = 4, grid = awq-asym, granularity = row}]}},"
            + " {stage = protect, score = magnitude, keep = 99},"
            + " {stage = quantize, bits = 4, grid = gptq-sym, granularity = row}]}"
      })
  void whatIsReadBackDecodesToTheSameBitsAndIsAsLargeAsCounted(String entry) throws IOException {
    CompressedMatrix written = Recipes.compress(entry, RealWeights.wide());
    Path path = folder.resolve("artifact.safetensors");
    try (OutputStream out = Files.newOutputStream(path)) {
      Artifact.write(out, written);
    }
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      CompressedMatrix read = Artifact.read(file, written.rows(), written.cols());
      assertThat(read.decode()).isEqualTo(written.decode());
      assertThat(read.bytes()).isEqualTo(written.bytes());
      long stored = file.entries().stream().mapToLong(SafetensorsHeader.Entry::bytes).sum();
      assertThat(stored).isEqualTo(written.bytes());
    }
  }

  /** Description and tensors must fit the weight and each other, or nothing is made of them. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{'rows':2,'cols':3}",
        "{'rows':2147483647,'cols':2147483647,'parts':[]}",
        "{'rows':2,'cols':3,'parts':[{'kind':'dense'}]}",
        "{'rows':2,'cols':3,'parts':[{'kind':'unknown'}]}",
        "{'rows':2,'cols':3,'parts':[{'kind':'codes','bits':99,'granularity':'row','zero':1}]}",
        "{'rows':2,'cols':3,'parts':[{'kind':'rebased','inner':{'rows':2,'cols':3,'parts':[]},"
            + "'change':{'kind':'rotation','width':1073741824}}]}"
      })
  void aDamagedDescriptionIsAnErrorThatNamesTheFile(String matrix) throws IOException {
    Path path = folder.resolve("damaged.safetensors");
    try (OutputStream out = Files.newOutputStream(path)) {
      SafetensorsWriter.write(
          out,
          Map.of("0.values", TensorData.of(DType.F32, new float[5], 5)),
          Map.of("format", "assay-artifact-1", "matrix", matrix.replace('\'', '"')));
    }
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThatThrownBy(() -> Artifact.read(file, 2, 3))
          .isInstanceOf(InputException.class)
          .hasMessageStartingWith(path.toString());
    }
  }

  @Test
  void anotherFileIsNotAnArtifact() throws IOException {
    Path path = folder.resolve("other.safetensors");
    try (OutputStream out = Files.newOutputStream(path)) {
      SafetensorsWriter.write(out, Map.of(), Map.of("format", "pt"));
    }
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThatThrownBy(() -> Artifact.read(file, 2, 3)).isInstanceOf(InputException.class);
    }
  }
}
