package dev.assay.stats;

import dev.assay.InputException;
import dev.assay.checkpoint.ElementType;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.checkpoint.SafetensorsWriter;
import dev.assay.checkpoint.StreamedTensor;
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
import java.util.List;
import java.util.Map;

/**
 * {@link InputStatistics} as a safetensors file, one per input: {@code tokens} (I64, 1), {@code
 * mean_abs} and {@code max_abs} (F64, in), {@code hessian} (F64, in × in: Σ x·xᵀ) and, where tokens
 * were kept, {@code rows} (F32, rows × in). Any program may write one; real numbers may then be of
 * any floating-point type.
 */
public final class StatisticsFile {
  /** Entries of H that are held at once while it is written. */
  private static final int TILE = 1 << 24;

  private static final String FORMAT = "assay-statistics-1";

  private StatisticsFile() {}

  /** Where H comes from, some rows at a time. */
  public interface Tiles {
    /** Rows {@code from} to below {@code to} of H, row-major. */
    double[] rows(int from, int to) throws IOException;
  }

  /**
   * Writes a file to {@code out}, which stays open. H is asked for in tiles of at most 128 MiB, one
   * after the other, so no more of it need be held.
   *
   * @param sums what is known of single channels
   * @param metadata what else to say in {@code __metadata__}
   * @throws IllegalArgumentException if there are no tokens
   */
  public static void write(
      OutputStream out, TokenSums sums, Tiles tiles, Map<String, String> metadata)
      throws IOException {
    write(out, sums, tiles, TILE, metadata);
  }

  static void write(
      OutputStream out, TokenSums sums, Tiles tiles, int tile, Map<String, String> metadata)
      throws IOException {
    if (sums.tokens() == 0) {
      throw new IllegalArgumentException("No tokens were added");
    }
    double[] meanAbs = sums.meanAbs();
    int width = meanAbs.length;
    byte[] tokens =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(sums.tokens()).array();
    Map<String, StreamedTensor> tensors = new LinkedHashMap<>();
    tensors.put("tokens", StreamedTensor.of(TensorData.of(ElementType.I64, tokens, 1)));
    tensors.put("mean_abs", StreamedTensor.of(TensorData.of(DType.F64, meanAbs, width)));
    tensors.put("max_abs", StreamedTensor.of(TensorData.of(DType.F64, sums.maxAbs(), width)));
    tensors.put("rows", StreamedTensor.of(TensorData.of(DType.F32, sums.rows())));
    tensors.put(
        "hessian",
        new StreamedTensor(
            ElementType.F64,
            List.of((long) width, (long) width),
            to -> writeTiles(to, tiles, width, Math.max(1, tile / width))));
    Map<String, String> all = new LinkedHashMap<>();
    all.put("format", FORMAT);
    all.putAll(metadata);
    SafetensorsWriter.stream(out, tensors, all);
  }

  private static void writeTiles(OutputStream out, Tiles tiles, int width, int height)
      throws IOException {
    for (int from = 0; from < width; from += height) {
      double[] rows = tiles.rows(from, Math.min(width, from + height));
      byte[] bytes = new byte[Double.BYTES * width];
      for (int at = 0; at < rows.length; at += width) {
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().put(rows, at, width);
        out.write(bytes);
      }
    }
  }

  /**
   * Reads a file.
   *
   * @param where the file's path, for messages
   * @throws InputException if a tensor is missing, has another shape than the others say, or holds
   *     what no statistics can
   */
  public static InputStatistics read(SafetensorsFile file, String where) throws IOException {
    long tokens = Moments.count(file, "tokens", problem -> wrong(where, problem));
    double[] meanAbs = file.doubles("mean_abs");
    int width = meanAbs.length;
    double[] maxAbs = file.doubles("max_abs");
    Matrix rows = file.contains("rows") ? file.matrix("rows") : Matrix.zeros(0, width);
    if (maxAbs.length != width || rows.cols() != width) {
      throw wrong(where, "max_abs and rows must be " + width + " wide, as mean_abs is");
    }
    boolean finite =
        Arrays.stream(meanAbs).allMatch(Double::isFinite)
            && Arrays.stream(maxAbs).allMatch(Double::isFinite)
            && rows.firstNonFinite() < 0;
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
