package dev.assay.part;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Uniformly quantized entries: ŵ = s·(q − z) in float, with unsigned codes q of {@code bits} bits,
 * and a scale s and zero point z per granule, which may have a {@link SecondLevel} of their own.
 * Entries that are pruned have no code and decode to 0; where there are any, one bit per entry
 * tells which.
 */
public final class Codes implements Part {
  private static final long serialVersionUID = 1L;

  /** How zero points are stored. */
  public enum ZeroType {
    /** As many bits as a code. */
    PACKED,
    /** One byte. */
    U8,
    /** Half precision, as several published formats count it. */
    F16,
    /** Single precision. */
    F32;

    /** The type of a real number; empty where only whole zero points can be stored. */
    public Optional<DType> real() {
      return switch (this) {
        case PACKED, U8 -> Optional.empty();
        case F16 -> Optional.of(DType.F16);
        case F32 -> Optional.of(DType.F32);
      };
    }
  }

  private static final String SECOND_SCALES = "second-level-scales";
  private static final String SECOND_ZEROS = "second-level-zeros";

  private final int rows;
  private final int cols;
  private final int bits;
  private final Granularity granularity;
  private final Mask mask;
  private final byte[] packed;
  private final Reals scales;
  private final Zeros zeros;

  /** Zero points: one constant that the grid implies, or a stored one per granule. */
  public sealed interface Zeros extends Serializable {
    /** The zero point of a granule. */
    float at(int granule);

    /**
     * A symmetric grid's zero point, known from the grid, not stored.
     *
     * @param value the code that stands for 0
     */
    record Implied(int value) implements Zeros {
      @Override
      public float at(int granule) {
        return value;
      }
    }

    /**
     * One whole zero point per granule.
     *
     * @param values codes that stand for 0
     * @param type {@code PACKED} or {@code U8}
     */
    record Whole(byte[] values, ZeroType type) implements Zeros {
      @Override
      public float at(int granule) {
        return values[granule] & 0xff;
      }
    }

    /**
     * One zero point per granule, stored as a real number, whole or not.
     *
     * @param values where 0 lies among the codes
     * @param type {@code F16} or {@code F32}
     */
    record Real(Reals values, ZeroType type) implements Zeros {
      @Override
      public float at(int granule) {
        return values.at(granule);
      }
    }

    /**
     * One zero point per granule, without a second level.
     *
     * @param values where 0 lies among the codes; whole from 0 to 255 if the type has no real
     * @param type how they are stored
     */
    static Zeros stored(float[] values, ZeroType type) {
      if (type.real().isPresent()) {
        return new Real(Reals.stored(values, type.real().get()), type);
      }
      byte[] whole = new byte[values.length];
      for (int i = 0; i < whole.length; i++) {
        whole[i] = (byte) (int) values[i];
      }
      return new Whole(whole, type);
    }
  }

  /**
   * Packs codes.
   *
   * @param rows out
   * @param cols in
   * @param bits 1 to 8
   * @param codes one unsigned code per entry, row-major
   * @param scales one scale per granule
   */
  public Codes(
      int rows,
      int cols,
      int bits,
      Granularity granularity,
      byte[] codes,
      Reals scales,
      Zeros zeros) {
    this(rows, cols, bits, granularity, codes, new BitSet(), scales, zeros);
  }

  /**
   * Packs codes of the entries that are not pruned.
   *
   * @param pruned row-major indices of the entries that decode to 0 and have no code
   */
  public Codes(
      int rows,
      int cols,
      int bits,
      Granularity granularity,
      byte[] codes,
      BitSet pruned,
      Reals scales,
      Zeros zeros) {
    this(
        rows,
        cols,
        bits,
        granularity,
        Mask.without(pruned, codes.length),
        BitPacking.pack(Mask.without(pruned, codes.length).pick(codes), bits),
        scales,
        zeros);
  }

  private Codes(
      int rows,
      int cols,
      int bits,
      Granularity granularity,
      Mask mask,
      byte[] packed,
      Reals scales,
      Zeros zeros) {
    this.rows = rows;
    this.cols = cols;
    this.bits = bits;
    this.granularity = granularity;
    this.mask = mask;
    this.packed = packed;
    this.scales = scales;
    this.zeros = zeros;
  }

  static Codes read(
      int rows, int cols, Description description, SafetensorsFile file, String prefix)
      throws IOException {
    int bits = description.integer("bits", 1, 8);
    String name = description.text("granularity");
    Granularity granularity =
        Granularity.parse(name).orElseThrow(() -> description.wrong("granularity is " + name));
    int groups = granularity.granules(1, cols);
    int count = granularity.granules(rows, cols);
    int size = Math.multiplyExact(rows, cols);
    Mask mask =
        description.has("masked")
            ? Mask.read(description, file, prefix, size)
            : Mask.without(new BitSet(), size);
    return new Codes(
        rows,
        cols,
        bits,
        granularity,
        mask,
        description.bytes(file, prefix + "codes", BitPacking.bytes(mask.count(), bits)),
        Reals.read(groups, count, description, file, prefix + "scales", SECOND_SCALES),
        zeros(groups, bits, count, description, file, prefix + "zeros"));
  }

  private static Zeros zeros(
      int groups, int bits, int count, Description description, SafetensorsFile file, String name)
      throws IOException {
    if (description.has("zero")) {
      return new Zeros.Implied(description.integer("zero", 0, 255));
    }
    ZeroType type = description.choice("zero-type", ZeroType.class);
    if (type.real().isPresent()) {
      return new Zeros.Real(Reals.read(groups, count, description, file, name, SECOND_ZEROS), type);
    }
    if (type == ZeroType.U8) {
      return new Zeros.Whole(description.bytes(file, name, count), type);
    }
    byte[] stored = description.bytes(file, name, BitPacking.bytes(count, bits));
    byte[] values = new byte[count];
    for (int i = 0; i < count; i++) {
      values[i] = (byte) BitPacking.unpack(stored, bits, i);
    }
    return new Zeros.Whole(values, type);
  }

  @Override
  public ObjectNode description() {
    ObjectNode description =
        Artifact.describe("codes").put("bits", bits).put("granularity", granularity.toString());
    if (!mask.isFull()) {
      description.put("masked", true);
    }
    scales.describe(description, SECOND_SCALES);
    if (zeros instanceof Zeros.Whole whole) {
      description.put("zero-type", whole.type().name());
    } else if (zeros instanceof Zeros.Real real) {
      description.put("zero-type", real.type().name());
      real.values().describe(description, SECOND_ZEROS);
    } else {
      description.put("zero", (int) zeros.at(0));
    }
    return description;
  }

  /** The code of entry {@code index} (row-major), 0 to 2^bits − 1, where nothing is pruned. */
  public int code(int index) {
    if (!mask.isFull()) {
      throw new IllegalStateException("Codes of a pruned matrix are not addressed by entry");
    }
    return BitPacking.unpack(packed, bits, index);
  }

  /** The scale of a granule. */
  public float scale(int granule) {
    return scales.at(granule);
  }

  /** The zero point of a granule. */
  public float zero(int granule) {
    return zeros.at(granule);
  }

  /** Number of granules. */
  public int granules() {
    return scales.count();
  }

  @Override
  public void applyTo(Matrix target) {
    float[] out = target.data();
    int span = granularity.span(cols);
    int granule = -1;
    int stored = 0;
    for (int row = 0, index = 0; row < rows; row++) {
      for (int from = 0; from < cols; from += Math.min(span, cols)) {
        if (index == 0 || span <= cols) {
          granule++;
        }
        float scale = scales.at(granule);
        float zero = zeros.at(granule);
        int to = Math.min(cols, from + Math.min(span, cols));
        for (int col = from; col < to; col++, index++) {
          if (mask.has(index)) {
            out[index] += scale * (BitPacking.unpack(packed, bits, stored++) - zero);
          }
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
    tensors.addAll(scales.payload("scales"));
    if (zeros instanceof Zeros.Real real) {
      tensors.addAll(real.values().payload("zeros"));
    } else if (zeros instanceof Zeros.Whole whole) {
      byte[] bytes =
          whole.type() == ZeroType.PACKED ? BitPacking.pack(whole.values(), bits) : whole.values();
      tensors.add(new Payload("zeros", "U8", List.of((long) bytes.length), bytes));
    }
    return tensors;
  }

  @Override
  public long bytes() {
    long size = packed.length + scales.bytes() + (mask.isFull() ? 0 : mask.bytes());
    if (zeros instanceof Zeros.Real real) {
      size += real.values().bytes();
    } else if (zeros instanceof Zeros.Whole whole) {
      int count = whole.values().length;
      size += whole.type() == ZeroType.PACKED ? BitPacking.bytes(count, bits) : count;
    }
    return size;
  }
}
