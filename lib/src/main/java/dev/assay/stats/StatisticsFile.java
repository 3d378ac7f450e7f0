package dev.assay.stats;

import dev.assay.InputException;
import dev.assay.checkpoint.ElementType;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.checkpoint.SafetensorsWriter;
import dev.assay.checkpoint.TensorData;
import dev.assay.linalg.Symmetric;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@link InputStatistics} as a safetensors file, one per input: {@code tokens} (I64, 1), {@code
 * mean_abs} and {@code max_abs} (F64, in), {@code hessian} (F64, in × in: Σ x·xᵀ) and, where tokens
 * were kept, {@code rows} (F32, rows × in). Any program may write one; real numbers may then be of
 * any floating-point type.
 */
public final class StatisticsFile {
  private static final String FORMAT = "assay-statistics-1";

  private StatisticsFile() {}

  /**
   * Writes a file to {@code out}, which stays open.
   *
   * @param metadata what else to say in {@code __metadata__}
   */
  public static void write(
      OutputStream out, InputStatistics statistics, Map<String, String> metadata)
      throws IOException {
    int width = statistics.width();
    Map<String, TensorData> tensors = new LinkedHashMap<>();
    byte[] tokens =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(statistics.tokens()).array();
    tensors.put("tokens", TensorData.of(ElementType.I64, tokens, 1));
    tensors.put("mean_abs", TensorData.of(DType.F64, statistics.meanAbs(), width));
    tensors.put("max_abs", TensorData.of(DType.F64, statistics.maxAbs(), width));
    tensors.put("hessian", TensorData.of(DType.F64, statistics.hessian().data(), width, width));
    tensors.put("rows", TensorData.of(DType.F32, statistics.rows()));
    Map<String, String> all = new LinkedHashMap<>();
    all.put("format", FORMAT);
    all.putAll(metadata);
    SafetensorsWriter.write(out, tensors, all);
  }

  /**
   * Reads a file.
   *
   * @param where the file's path, for messages
   * @throws InputException if a tensor is missing, has another shape than the others say, or holds
   *     what no statistics can
   */
  public static InputStatistics read(SafetensorsFile file, String where) throws IOException {
    long tokens = file.longs("tokens")[0];
    double[] meanAbs = file.doubles("mean_abs");
    int width = meanAbs.length;
    double[] maxAbs = file.doubles("max_abs");
    Matrix rows = file.contains("rows") ? file.matrix("rows") : Matrix.zeros(0, width);
    if (maxAbs.length != width || rows.cols() != width) {
      throw wrong(where, "max_abs and rows must be " + width + " wide, as mean_abs is");
    }
    if (tokens < 1) {
      throw wrong(where, "tokens is " + tokens);
    }
    boolean finite =
        Arrays.stream(meanAbs).allMatch(Double::isFinite)
            && Arrays.stream(maxAbs).allMatch(Double::isFinite);
    if (!finite) {
      throw wrong(where, "it holds numbers that are not finite");
    }
    Symmetric hessian = Moments.read(file, "hessian", width, problem -> wrong(where, problem));
    return new InputStatistics(tokens, meanAbs, maxAbs, hessian, rows);
  }

  private static InputException wrong(String where, String problem) {
    return new InputException(
        where, "No statistics of an input: " + problem, "Make it again; docs/calibration.md");
  }
}
