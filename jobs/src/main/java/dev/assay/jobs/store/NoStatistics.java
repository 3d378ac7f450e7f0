package dev.assay.jobs.store;

import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.checkpoint.SafetensorsWriter;
import dev.assay.checkpoint.TensorData;
import dev.assay.recipe.UnfitException;
import dev.assay.stats.NonFiniteException;
import dev.assay.tensor.DType;
import java.io.IOException;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/**
 * What is stored in place of statistics that a model cannot give, so that it is not tried again.
 */
public final class NoStatistics {
  private static final String TENSOR = "none";
  private static final String REASON = "reason";

  private NoStatistics() {}

  public static void write(
      ContentFolder files, String id, NonFiniteException why, Configuration conf)
      throws IOException {
    files.write(
        id,
        out ->
            SafetensorsWriter.write(
                out,
                Map.of(TENSOR, TensorData.of(DType.F32, new float[1], 1)),
                Map.of(REASON, why.getMessage())),
        conf);
  }

  /**
   * Lets a file of statistics pass.
   *
   * @throws UnfitException if it says that there are none
   */
  static void check(SafetensorsFile file, String of) {
    if (file.contains(TENSOR)) {
      throw new UnfitException(
          "There are no statistics of " + of + ": " + file.metadata().get(REASON));
    }
  }
}
