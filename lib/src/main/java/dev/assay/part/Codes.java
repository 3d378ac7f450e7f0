package dev.assay.part;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Quantized entries: unsigned codes of {@code bits} bits, and what they stand for in each granule,
 * {@link Levels}. Where a code stands for several neighbours, every output row begins with a code
 * of its own, and what its last one says beyond the row is left out. Entries that are pruned have
 * no code and decode to 0; where there are any, one bit per entry tells which.
 */
public final class Codes implements Part {
  private static final long serialVersionUID = 1L;

  /** The most bits of a code. */
  public static final int MOST_BITS = 16;

  private final int rows;
  private final int cols;
  private final int bits;
  private final Granularity granularity;
  private final Mask mask;
  private final byte[] packed;
  private final Levels levels;

  /**
   * Packs codes.
   *
   * @param rows out
   * @param cols in
   * @param bits 1 to {@link #MOST_BITS}
   * @param codes one unsigned code per entry or vector, row-major
   * @param levels what they stand for, for every granule
   */
  public Codes(int rows, int cols, int bits, Granularity granularity, char[] codes, Levels levels) {
    this(rows, cols, bits, granularity, codes, new BitSet(), levels);
  }

  /**
   * Packs codes of the entries that are not pruned.
   *
   * @param pruned row-major indices of the entries that decode to 0 and have no code; none where a
   *     code stands for several entries
   */
  public Codes(
      int rows,
      int cols,
      int bits,
      Granularity granularity,
      char[] codes,
      BitSet pruned,
      Levels levels) {
    this(
        rows,
        cols,
        bits,
        granularity,
        Mask.without(pruned, codes.length),
        BitPacking.pack(Mask.without(pruned, codes.length).pick(codes), bits),
        levels);
    if (levels.width() > 1 && !pruned.isEmpty()) {
      throw new IllegalArgumentException("Entries of a vector cannot be pruned one by one");
    }
  }

  private Codes(
      int rows,
      int cols,
      int bits,
      Granularity granularity,
      Mask mask,
      byte[] packed,
      Levels levels) {
    this.rows = rows;
    this.cols = cols;
    this.bits = bits;
    this.granularity = granularity;
    this.mask = mask;
    this.packed = packed;
    this.levels = levels;
  }

  static Codes read(
      int rows, int cols, Description description, SafetensorsFile file, String prefix)
      throws IOException {
    int bits = description.integer("bits", 1, MOST_BITS);
    String name = description.text("granularity");
    Granularity granularity =
        Granularity.parse(name).orElseThrow(() -> description.wrong("granularity is " + name));
    int groups = granularity.granules(1, cols);
    int count = granularity.granules(rows, cols);
    Levels levels = Levels.read(groups, bits, count, description, file, prefix);
    int size = Math.multiplyExact(rows, perRow(cols, levels.width()));
    Mask mask =
        description.has("masked") && levels.width() == 1
            ? Mask.read(description, file, prefix, size)
            : Mask.without(new BitSet(), size);
    return new Codes(
        rows,
        cols,
        bits,
        granularity,
        mask,
        description.bytes(file, prefix + "codes", BitPacking.bytes(mask.count(), bits)),
        levels);
  }

  private static int perRow(int cols, int width) {
    return (cols + width - 1) / width;
  }

  @Override
  public ObjectNode description() {
    ObjectNode description =
        Artifact.describe("codes").put("bits", bits).put("granularity", granularity.toString());
    if (!mask.isFull()) {
      description.put("masked", true);
    }
    levels.describe(description);
    return description;
  }

  /** Code {@code index} (row-major), 0 to 2^bits − 1, where nothing is pruned. */
  public int code(int index) {
    if (!mask.isFull()) {
      throw new IllegalStateException("Codes of a pruned matrix are not addressed by entry");
    }
    return BitPacking.unpack(packed, bits, index);
  }

  /** What the codes stand for. */
  public Levels levels() {
    return levels;
  }

  @Override
  public void applyTo(Matrix target) {
    if (levels.width() == 1) {
      applyEntries(target.data());
    } else {
      applyVectors(target.data());
    }
  }

  private void applyEntries(float[] out) {
    int span = Math.min(granularity.span(cols), cols);
    boolean single = granularity instanceof Granularity.Tensor;
    int stored = 0;
    int index = 0;
    for (int row = 0, granule = 0; row < rows; row++) {
      for (int from = 0; from < cols; from += span) {
        Levels.Granule level = levels.granule(single ? 0 : granule++);
        int to = Math.min(cols, from + span);
        for (int col = from; col < to; col++, index++) {
          if (mask.has(index)) {
            out[index] += level.at(BitPacking.unpack(packed, bits, stored++), 0);
          }
        }
      }
    }
  }

  /** A vector belongs to the granule that its first entry lies in. */
  private void applyVectors(float[] out) {
    int width = levels.width();
    int span = granularity.span(cols);
    boolean single = granularity instanceof Granularity.Tensor;
    int groups = granularity.granules(1, cols);
    int stored = 0;
    for (int row = 0; row < rows; row++) {
      for (int from = 0; from < cols; from += width) {
        Levels.Granule level = levels.granule(single ? 0 : row * groups + from / span);
        int code = BitPacking.unpack(packed, bits, stored++);
        for (int offset = 0; offset < width && from + offset < cols; offset++) {
          out[row * cols + from + offset] += level.at(code, offset);
        }
      }
    }
  }

  @Override
  public List<Payload> payload() {
    List<Payload> tensors = new ArrayList<>();
    if (!mask.isFull()) {
      tensors.add(mask.payload());
    }
    tensors.add(new Payload("codes", "U8", List.of((long) packed.length), packed));
    tensors.addAll(levels.payload(bits));
    return tensors;
  }

  @Override
  public long bytes() {
    return packed.length + levels.bytes(bits) + (mask.isFull() ? 0 : mask.bytes());
  }
}
