package dev.assay;

import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.LocalFolder;
import dev.assay.checkpoint.Tensor;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** Weights of all-MiniLM-L6-v2, from its ONNX export on the test class path. */
public final class RealWeights {
  private static final RealWeights MINILM = new RealWeights();

  private final LocalFolder folder;
  private final List<Tensor> tensors;

  private RealWeights() {
    try {
      Path directory = Files.createTempDirectory("assay-minilm");
      directory.toFile().deleteOnExit();
      copy("/all-minilm-l6-v2.onnx", directory.resolve("model.onnx"));
      copy("/all-minilm-l6-v2-tokenizer.json", directory.resolve("tokenizer.json"));
      folder = new LocalFolder(directory);
      tensors = Checkpoint.open(folder).matrices();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copy(String resource, Path file) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(RealWeights.class.getResourceAsStream(resource), resource)) {
      Files.copy(in, file);
    }
    file.toFile().deleteOnExit();
  }

  /** The checkpoint: {@code model.onnx} and {@code tokenizer.json}. */
  public static LocalFolder folder() {
    return MINILM.folder;
  }

  /** All 2-D tensors. */
  public static List<Tensor> tensors() {
    return MINILM.tensors;
  }

  /** The tensor of that name. */
  public static Tensor tensor(String name) {
    return MINILM.tensors.stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow();
  }

  /** A weight, out × in. */
  public static Matrix matrix(String name) {
    try {
      return Checkpoint.read(MINILM.folder, tensor(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** 384 × 384. */
  public static Matrix square() {
    return matrix("encoder.layer.2.attention.self.query.weight");
  }

  /** 384 × 1536. */
  public static Matrix wide() {
    return matrix("encoder.layer.3.output.dense.weight");
  }

  /** 1536 × 384. */
  public static Matrix tall() {
    return matrix("encoder.layer.3.intermediate.dense.weight");
  }
}
