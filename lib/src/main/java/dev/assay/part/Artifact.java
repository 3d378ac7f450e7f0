package dev.assay.part;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.InputException;
import dev.assay.checkpoint.ElementType;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.checkpoint.SafetensorsWriter;
import dev.assay.checkpoint.TensorData;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A compressed matrix as a safetensors file: its payload, each tensor under its name, and in {@code
 * __metadata__} a JSON description of shape and parts. The tensors' bytes are what {@link
 * CompressedMatrix#bytes()} counts. All numbers are little-endian.
 *
 * <pre>
 *   8 bytes   length of the header
 *   header    JSON: the tensors' types, shapes and places; __metadata__ =
 *               format  "assay-artifact-2"
 *               matrix  {rows, cols, rounding?, parts: [{kind, …}, …]}
 *   data      of part i, tensors named "i.…":
 *               codes     mask?      U8   one bit per entry, row-major, least significant first:
 *                                         whether it has a code
 *                         codes      U8   bits (1 to 16) per code, least significant first, across
 *                                         bytes
 *                         levels = uniform
 *                           scales   F    one per granule, or U8 with scales_scales, scales_zeros
 *                           zeros?   F    one per granule, likewise; U8 if whole, packed or not
 *                         levels = codebook
 *                           codebook F    granule × 2^bits (× width)
 *               dense     values     F    out × in
 *               sparse    mask, values    as codes; one number per kept entry
 *               overlay   indices I32, or row_starts I32 and columns U16; values F
 *               low-rank  left.*, right.*   matrices
 *               rebased   inner.*           a matrix; change.* its change of basis
 *   F is F32, F16, BF16 or F64 as the recipe says.
 * </pre>
 */
public final class Artifact {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FORMAT = "assay-artifact-2";

  private Artifact() {}

  /** Writes a file to {@code out}, which stays open. */
  public static void write(OutputStream out, CompressedMatrix matrix) throws IOException {
    Map<String, TensorData> tensors = new LinkedHashMap<>();
    for (Payload payload : matrix.payload()) {
      long[] shape = payload.shape().stream().mapToLong(Long::longValue).toArray();
      ElementType type = ElementType.valueOf(payload.dtype());
      tensors.put(payload.name(), TensorData.of(type, payload.bytes(), shape));
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", FORMAT);
    metadata.put("matrix", JSON.writeValueAsString(describe(matrix)));
    SafetensorsWriter.write(out, tensors, metadata);
  }

  /**
   * Reads a file back; the result decodes to the same bits. Memory is in proportion to the file and
   * the weight, whatever the file says.
   *
   * @param rows of the weight
   * @param cols of the weight
   * @throws InputException if the file is no artifact of such a weight
   */
  public static CompressedMatrix read(SafetensorsFile file, int rows, int cols) throws IOException {
    String format = file.metadata().getOrDefault("format", "");
    if (!format.equals(FORMAT)) {
      throw Description.wrong(
          file.path(), "its format is '" + format + "', this version reads '" + FORMAT + "'");
    }
    Description description;
    try {
      String json = file.metadata().getOrDefault("matrix", "");
      description = new Description(JSON.readTree(json), file.path());
    } catch (JsonProcessingException e) {
      throw Description.wrong(file.path(), e.getOriginalMessage());
    }
    return matrix(description, rows, cols, file, "");
  }

  static ObjectNode describe(String kind) {
    return JsonNodeFactory.instance.objectNode().put("kind", kind);
  }

  static ObjectNode describe(CompressedMatrix matrix) {
    ObjectNode description = JsonNodeFactory.instance.objectNode();
    description.put("rows", matrix.rows()).put("cols", matrix.cols());
    ArrayNode parts = description.putArray("parts");
    matrix.parts().forEach(part -> parts.add(part.description()));
    if (!(matrix.rounding() instanceof InputRounding.None)) {
      description.set("rounding", matrix.rounding().description());
    }
    return description;
  }

  private static CompressedMatrix matrix(
      Description description, int rows, int cols, SafetensorsFile file, String prefix)
      throws IOException {
    description.integer("rows", rows, rows);
    description.integer("cols", cols, cols);
    List<Part> parts = new ArrayList<>();
    for (Description part : description.blocks("parts")) {
      parts.add(part(rows, cols, part, file, prefix + parts.size() + "."));
    }
    return description.has("rounding")
        ? new CompressedMatrix(rows, cols, parts, InputRounding.read(description.block("rounding")))
        : new CompressedMatrix(rows, cols, parts);
  }

  private static Part part(
      int rows, int cols, Description description, SafetensorsFile file, String prefix)
      throws IOException {
    String kind = description.text("kind");
    return switch (kind) {
      case "codes" -> Codes.read(rows, cols, description, file, prefix);
      case "dense" -> Dense.read(rows, cols, description, file, prefix);
      case "overlay" -> Overlay.read(rows, cols, description, file, prefix);
      case "low-rank" -> lowRank(rows, cols, description, file, prefix);
      case "sparse" -> Sparse.read(rows, cols, description, file, prefix);
      case "rebased" ->
          new Rebased(
              matrix(description.block("inner"), rows, cols, file, prefix + "inner."),
              change(description.block("change"), cols, file, prefix + "change."));
      default -> throw description.wrong("kind is " + kind);
    };
  }

  private static LowRank lowRank(
      int rows, int cols, Description description, SafetensorsFile file, String prefix)
      throws IOException {
    Description left = description.block("left");
    int rank = left.integer("cols", 1, Math.min(rows, cols));
    return new LowRank(
        matrix(left, rows, rank, file, prefix + "left."),
        matrix(description.block("right"), rank, cols, file, prefix + "right."));
  }

  private static BasisChange change(
      Description description, int cols, SafetensorsFile file, String prefix) throws IOException {
    String kind = description.text("kind");
    return switch (kind) {
      case "channel-scale" -> ChannelScale.read(cols, description, file, prefix);
      case "permutation" -> Permutation.read(cols, description, file, prefix);
      case "rotation" -> Rotation.read(cols, description, file, prefix);
      default -> throw description.wrong("kind is " + kind);
    };
  }
}
