package dev.assay.part;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.checkpoint.SafetensorsFile;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;

/** What codes stand for, granule by granule, as it is stored. */
public interface Levels extends Serializable {
  /** What a code of one granule stands for. */
  interface Granule {
    /**
     * The value of an entry.
     *
     * @param code 0 to 2^bits − 1
     * @param offset which of the {@link #width} entries that the code stands for, from 0
     */
    float at(int code, int offset);
  }

  /** Consecutive entries of a row that one code stands for: 1, or the length of a vector. */
  default int width() {
    return 1;
  }

  /** What the codes of a granule stand for. */
  Granule granule(int index);

  /** Number of granules. */
  int granules();

  /** The tensors that storing them takes, beside codes of {@code bits} bits. */
  List<Payload> payload(int bits);

  /** Adds to {@code description} what reading them back takes. */
  void describe(ObjectNode description);

  /** Size of {@link #payload} in bytes, without making it. */
  long bytes(int bits);

  /**
   * Reads what {@link #payload} and {@link #describe} wrote.
   *
   * @param groups granules in an output row
   * @param count granules in all
   */
  static Levels read(
      int groups, int bits, int count, Description description, SafetensorsFile file, String prefix)
      throws IOException {
    String kind = description.text("levels");
    return switch (kind) {
      case UniformLevels.KIND -> UniformLevels.read(groups, bits, count, description, file, prefix);
      case Codebook.KIND -> Codebook.read(bits, count, description, file, prefix);
      default -> throw description.wrong("levels is " + kind);
    };
  }
}
