package dev.assay.part;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
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
 * __metadata__} under {@code matrix} a JSON description of shape and parts. The tensors' bytes are
 * what {@link CompressedMatrix#bytes()} counts.
 */
public final class Artifact {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FORMAT = "assay-artifact-1";

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
   * Reads a file back; the result decodes to the same bits.
   *
   * @throws InputException if the file is no artifact
   */
  public static CompressedMatrix read(SafetensorsFile file) throws IOException {
    String description = file.metadata().getOrDefault("matrix", "");
    try {
      if (FORMAT.equals(file.metadata().get("format"))) {
        return matrix(JSON.readTree(description), file, "");
      }
    } catch (JsonProcessingException e) {
      throw foreign(description);
    }
    throw foreign(file.metadata().toString());
  }

  static InputException foreign(String found) {
    return new InputException(
        "artifact",
        "The file does not describe a compressed matrix: " + found,
        "Delete it; it can be computed again");
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

  private static CompressedMatrix matrix(JsonNode description, SafetensorsFile file, String prefix)
      throws IOException {
    int rows = description.get("rows").asInt();
    int cols = description.get("cols").asInt();
    List<Part> parts = new ArrayList<>();
    for (JsonNode part : description.get("parts")) {
      parts.add(part(rows, cols, part, file, prefix + parts.size() + "."));
    }
    return description.has("rounding")
        ? new CompressedMatrix(rows, cols, parts, InputRounding.read(description.get("rounding")))
        : new CompressedMatrix(rows, cols, parts);
  }

  private static Part part(
      int rows, int cols, JsonNode description, SafetensorsFile file, String prefix)
      throws IOException {
    String kind = description.get("kind").asText();
    return switch (kind) {
      case "codes" -> Codes.read(rows, cols, description, file, prefix);
      case "dense" -> Dense.read(rows, cols, file, prefix);
      case "overlay" -> Overlay.read(rows, cols, description, file, prefix);
      case "low-rank" ->
          new LowRank(
              matrix(description.get("left"), file, prefix + "left."),
              matrix(description.get("right"), file, prefix + "right."));
      case "sparse" -> Sparse.read(rows, cols, file, prefix);
      case "rebased" ->
          new Rebased(
              matrix(description.get("inner"), file, prefix + "inner."),
              change(description.get("change"), file, prefix + "change."));
      default -> throw foreign(kind);
    };
  }

  private static BasisChange change(JsonNode description, SafetensorsFile file, String prefix)
      throws IOException {
    String kind = description.get("kind").asText();
    return switch (kind) {
      case "channel-scale" -> ChannelScale.read(file, prefix);
      case "permutation" -> Permutation.read(file, prefix);
      case "rotation" -> Rotation.read(description, file, prefix);
      default -> throw foreign(kind);
    };
  }
}
