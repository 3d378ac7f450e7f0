package dev.assay.jobs.steps;

import dev.assay.checkpoint.Folder;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.checkpoint.SafetensorsWriter;
import dev.assay.checkpoint.TensorData;
import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.linalg.Factors;
import dev.assay.tensor.DType;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Factors on disk: {@code <out>/<sweep>/factors/<id>.safetensors}, with {@code u} (out × r, F32),
 * {@code sigma} (r, F64), {@code v} (in × r, F32) and {@code energy} (‖W‖²_F, F64). The id is of
 * everything that determines the contents, so a file is never changed, and a file that two tasks
 * write at once is the same file.
 *
 * @param folder the full path of the factors folder
 */
public record FactorStore(String folder) implements Serializable {
  /** The store of a sweep. */
  public static FactorStore of(Path out, String sweep) {
    return new FactorStore(new Path(new Path(out, sweep), "factors").toString());
  }

  /** Whether the factors are there. */
  boolean contains(String id, Configuration conf) throws IOException {
    Path path = path(id);
    return path.getFileSystem(conf).exists(path);
  }

  /**
   * Reads factors.
   *
   * @throws FileNotFoundException if they are not there
   */
  Factors read(String id, Configuration conf) throws IOException {
    Folder files = HadoopFolder.open(folder, conf);
    try (SafetensorsFile file = SafetensorsFile.open(files.open(path(id).getName()))) {
      return Factors.of(
          file.matrix("u"), file.doubles("sigma"), file.matrix("v"), file.doubles("energy")[0]);
    }
  }

  /** Writes factors under a hidden name and publishes them by renaming. */
  void write(String id, Factors factors, Configuration conf) throws IOException {
    Path path = path(id);
    FileSystem files = path.getFileSystem(conf);
    Path temporary = new Path(path.getParent(), "." + id + "-" + UUID.randomUUID() + ".tmp");
    try {
      try (FSDataOutputStream out = files.create(temporary, false)) {
        SafetensorsWriter.write(out, tensors(factors), Map.of("format", "assay-factors-1"));
      }
      if (!files.rename(temporary, path) && !files.exists(path)) {
        throw new IOException("Could not rename " + temporary + " to " + path);
      }
    } finally {
      files.delete(temporary, false);
    }
  }

  private static Map<String, TensorData> tensors(Factors factors) {
    Map<String, TensorData> tensors = new LinkedHashMap<>();
    tensors.put("u", TensorData.of(DType.F32, factors.u()));
    tensors.put("sigma", TensorData.of(DType.F64, factors.sigma(), factors.sigma().length));
    tensors.put("v", TensorData.of(DType.F32, factors.v()));
    tensors.put("energy", TensorData.of(DType.F64, new double[] {factors.energy()}, 1));
    return tensors;
  }

  private Path path(String id) {
    return new Path(folder, id + ".safetensors");
  }
}
