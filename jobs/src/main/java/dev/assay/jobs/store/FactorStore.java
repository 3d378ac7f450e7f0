package dev.assay.jobs.store;

import dev.assay.InputException;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.checkpoint.SafetensorsWriter;
import dev.assay.checkpoint.TensorData;
import dev.assay.linalg.Factors;
import dev.assay.tensor.DType;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Factors on disk, each in a file with {@code u} (out × r, F32), {@code sigma} (r, F64), {@code v}
 * (in × r, F32) and {@code energy} (‖W‖²_F, F64).
 *
 * @param files {@code <out>/<sweep>/factors}
 */
public record FactorStore(ContentFolder files) implements Serializable {
  public static FactorStore of(Path out, String sweep) {
    return new FactorStore(ContentFolder.of(out, sweep, "factors"));
  }

  /** Whether the factors are there and whole; a damaged file is removed, it can be made again. */
  public boolean contains(String id, Configuration conf) throws IOException {
    return files.holds(id, conf);
  }

  /**
   * Reads factors.
   *
   * @throws FileNotFoundException if they are not there
   * @throws InputException if the file holds none
   */
  public Factors read(String id, Configuration conf) throws IOException {
    try (SafetensorsFile file = files.open(id, conf)) {
      double[] energy = file.doubles("energy");
      try {
        return Factors.of(file.matrix("u"), file.doubles("sigma"), file.matrix("v"), energy[0]);
      } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
        throw new InputException(
            file.path(),
            "No factors of a weight: " + e.getMessage(),
            "Delete it; it can be computed again",
            e);
      }
    }
  }

  /** Publishes factors. */
  public void write(String id, Factors factors, Configuration conf) throws IOException {
    Map<String, String> metadata = Map.of("format", "assay-factors-1");
    files.write(id, out -> SafetensorsWriter.write(out, tensors(factors), metadata), conf);
  }

  private static Map<String, TensorData> tensors(Factors factors) {
    double[] energy = {factors.energy()};
    Map<String, TensorData> tensors = new LinkedHashMap<>();
    tensors.put("u", TensorData.of(DType.F32, factors.u()));
    tensors.put("sigma", TensorData.of(DType.F64, factors.sigma(), factors.rank()));
    tensors.put("v", TensorData.of(DType.F32, factors.v()));
    tensors.put("energy", TensorData.of(DType.F64, energy, 1));
    return tensors;
  }
}
