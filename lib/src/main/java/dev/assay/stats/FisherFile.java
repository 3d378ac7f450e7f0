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
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@link Fisher} information as a safetensors file, one per weight: {@code examples} (I64, 1),
 * {@code diagonal} (F32, out × in), {@code row_sums} (F64, out) and {@code column_sums} (F64, in)
 * of the diagonal, {@code input} (F64, in × in: Σ x·xᵀ) and {@code output} (F64, out × out: Σ
 * g·gᵀ). Any program may write one; real numbers may then be of any floating-point type, and the
 * sums, which follow from the diagonal, be left out.
 */
public final class FisherFile {
  private static final String FORMAT = "assay-fisher-1";

  private FisherFile() {}

  /** The file's name, without its ending: it lies among the statistics of inputs. */
  public static String name(String weight) {
    return weight + ".fisher";
  }

  /**
   * Writes a file to {@code out}, which stays open.
   *
   * @param metadata what else to say in {@code __metadata__}
   */
  public static void write(OutputStream out, Fisher fisher, Map<String, String> metadata)
      throws IOException {
    int rows = fisher.diagonal().rows();
    int cols = fisher.diagonal().cols();
    Map<String, TensorData> tensors = new LinkedHashMap<>();
    byte[] examples =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(fisher.examples()).array();
    tensors.put("examples", TensorData.of(ElementType.I64, examples, 1));
    tensors.put("diagonal", TensorData.of(DType.F32, fisher.diagonal()));
    tensors.put("row_sums", TensorData.of(DType.F64, fisher.rowSums(), rows));
    tensors.put("column_sums", TensorData.of(DType.F64, fisher.columnSums(), cols));
    tensors.put("input", TensorData.of(DType.F64, fisher.input().data(), cols, cols));
    tensors.put("output", TensorData.of(DType.F64, fisher.output().data(), rows, rows));
    Map<String, String> all = new LinkedHashMap<>();
    all.put("format", FORMAT);
    all.putAll(metadata);
    SafetensorsWriter.write(out, tensors, all);
  }

  /**
   * Reads a file.
   *
   * @param rows of the weight
   * @param cols of the weight
   * @param where the file's path, for messages
   * @throws InputException if a tensor is missing, has another shape than the weight says, or holds
   *     what no Fisher information can
   */
  public static Fisher read(SafetensorsFile file, int rows, int cols, String where)
      throws IOException {
    long examples = Moments.count(file, "examples", problem -> wrong(where, problem));
    Matrix diagonal = file.matrix("diagonal");
    if (diagonal.rows() != rows || diagonal.cols() != cols) {
      throw wrong(where, "diagonal must be " + rows + " × " + cols + ", as the weight is");
    }
    if (diagonal.firstNonFinite() >= 0) {
      throw wrong(where, "diagonal holds numbers that are not finite");
    }
    for (float square : diagonal.data()) {
      if (square < 0) {
        throw wrong(where, "diagonal holds " + square + ", which is no mean of squares");
      }
    }
    Symmetric input = Moments.read(file, "input", cols, problem -> wrong(where, problem));
    Symmetric output = Moments.read(file, "output", rows, problem -> wrong(where, problem));
    return new Fisher(examples, diagonal, input, output);
  }

  private static InputException wrong(String where, String problem) {
    return new InputException(
        where,
        "No Fisher information of a weight: " + problem,
        "Make it again; docs/calibration.md");
  }
}
