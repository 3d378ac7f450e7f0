package dev.assay.linalg;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Tensors of the shared test data: a folder beside the repository, or where the system property or
 * environment variable {@code assay.shared} says. Tests that need it are skipped where it is
 * absent.
 */
final class Shared {
  private Shared() {}

  /** The bytes of one tensor of a safetensors file, with its description. */
  private record Raw(String dtype, int[] shape, ByteBuffer bytes) {}

  static Matrix matrix(String file, String name) {
    Raw raw = read(file, name);
    Matrix out = Matrix.zeros(raw.shape[0], raw.shape[1]);
    for (int i = 0; i < out.size(); i++) {
      out.data()[i] =
          raw.dtype.equals("F16") ? DType.halfToFloat(raw.bytes.getShort()) : raw.bytes.getFloat();
    }
    return out;
  }

  static double[] doubles(String file, String name) {
    Raw raw = read(file, name);
    double[] out = new double[raw.shape[0]];
    raw.bytes.asDoubleBuffer().get(out);
    return out;
  }

  private static Raw read(String file, String name) {
    Path path = directory().resolve(file);
    assumeTrue(Files.exists(path), "Shared file " + file + " is absent");
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
      int header = Math.toIntExact(bytes.getLong());
      JsonNode entry = new ObjectMapper().readTree(bytes.array(), 8, header).get(name);
      int[] shape = new int[entry.get("shape").size()];
      for (int i = 0; i < shape.length; i++) {
        shape[i] = entry.get("shape").get(i).asInt();
      }
      int begin = 8 + header + entry.get("data_offsets").get(0).asInt();
      int end = 8 + header + entry.get("data_offsets").get(1).asInt();
      ByteBuffer body = bytes.slice(begin, end - begin).order(ByteOrder.LITTLE_ENDIAN);
      return new Raw(entry.get("dtype").asText(), shape, body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path directory() {
    String given = System.getProperty("assay.shared", System.getenv("assay.shared"));
    if (given != null) {
      return Path.of(given);
    }
    Path root = Path.of(System.getProperty("user.dir")).toAbsolutePath();
    while (root.getParent() != null && !Files.exists(root.resolve("mvnw"))) {
      root = root.getParent();
    }
    return root.resolveSibling("shared");
  }
}
