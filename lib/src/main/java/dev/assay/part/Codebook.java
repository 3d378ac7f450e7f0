package dev.assay.part;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.recipe.quantize.Granule;
import dev.assay.tensor.DType;
import java.io.IOException;
import java.util.List;

/**
 * Levels from a list: every granule has a table of 2^bits values, or of 2^bits vectors of {@code
 * width} values that stand for as many neighbours in a row.
 */
public final class Codebook implements Levels {
  private static final long serialVersionUID = 1L;
  static final String KIND = "codebook";

  private final int size;
  private final int width;
  private final int granules;
  private final Numbers values;

  /**
   * Stores tables.
   *
   * @param size entries of a granule's table, 2^bits
   * @param width values of an entry, 1 for scalars
   * @param values granule by granule, entry by entry
   * @param type what values are stored in
   */
  public Codebook(int size, int width, float[] values, DType type) {
    this(size, width, Numbers.stored(values, type));
  }

  private Codebook(int size, int width, Numbers values) {
    this.size = size;
    this.width = width;
    this.granules = values.count() / Math.multiplyExact(size, width);
    this.values = values;
  }

  static Codebook read(
      int bits, int count, Description description, SafetensorsFile file, String prefix)
      throws IOException {
    int size = 1 << bits;
    int width = description.integer("width", 1, 1 << 10);
    Numbers values = Numbers.read(description, file, prefix + "codebook");
    return new Codebook(size, width, values.counted((long) count * size * width, description));
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public Granule granule(int index) {
    int from = index * size * width;
    return (code, offset) -> values.at(from + code * width + offset);
  }

  @Override
  public int granules() {
    return granules;
  }

  @Override
  public List<Payload> payload(int bits) {
    List<Long> shape =
        width == 1
            ? List.of((long) granules, (long) size)
            : List.of((long) granules, (long) size, (long) width);
    return List.of(values.payload("codebook", shape));
  }

  @Override
  public void describe(ObjectNode description) {
    description.put("levels", KIND).put("width", width);
  }

  @Override
  public long bytes(int bits) {
    return values.bytes();
  }
}
