package dev.assay.jobs;

import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Extent;
import dev.assay.checkpoint.Folder;
import dev.assay.checkpoint.LocalFolder;
import dev.assay.checkpoint.SafetensorsWriter;
import dev.assay.checkpoint.TensorData;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Small checkpoints for tests. */
public final class Checkpoints {
  private Checkpoints() {}

  /** Writes {@code directory/model.safetensors}, F32. */
  public static Path write(Path directory, Map<String, Matrix> matrices) throws IOException {
    Map<String, TensorData> tensors = new TreeMap<>();
    matrices.forEach((name, matrix) -> tensors.put(name, TensorData.of(DType.F32, matrix)));
    Files.createDirectories(directory);
    try (OutputStream out = Files.newOutputStream(directory.resolve("model.safetensors"))) {
      SafetensorsWriter.write(out, tensors, Map.of("format", "pt"));
    }
    return directory;
  }

  /** A checkpoint whose contents were read. */
  static Checkpoint identified(Path directory) throws IOException {
    Folder folder = new LocalFolder(directory);
    Checkpoint checkpoint = Checkpoint.open(folder);
    Map<Extent, String> digests = new HashMap<>();
    for (Extent extent : checkpoint.extents()) {
      digests.put(extent, extent.sha256(folder));
    }
    return checkpoint.identified(digests);
  }

  /** Normally distributed entries. */
  public static Matrix gaussian(int rows, int cols, long seed) {
    Random random = new Random(seed);
    Matrix matrix = Matrix.zeros(rows, cols);
    for (int i = 0; i < matrix.size(); i++) {
      matrix.data()[i] = (float) random.nextGaussian();
    }
    return matrix;
  }

  static String query(int layer) {
    return "encoder.layer." + layer + ".attention.self.query.weight";
  }
}
