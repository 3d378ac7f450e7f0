package dev.assay.part;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Uniformly quantized entries: ŵ = s·(q − z) in float, with unsigned codes q of {@code bits} bits,
 * and a scale s and zero point z per granule.
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
    F16
  }

  private final int rows;
  private final int cols;
  private final int bits;
  private final Granularity granularity;
  private final byte[] packed;
  private final Numbers scales;
  private final Zeros zeros;

  /** Zero points: one constant that the grid implies, or a stored one per granule. */
  public sealed interface Zeros extends Serializable {
    /** The zero point of a granule. */
    int at(int granule);

    /**
     * A symmetric grid's zero point, known from the grid, not stored.
     *
     * @param value the code that stands for 0
     */
    record Implied(int value) implements Zeros {
      @Override
      public int at(int granule) {
        return value;
      }
    }

    /**
     * One zero point per granule.
     *
     * @param values codes that stand for 0
     * @param type how they are stored
     */
    record Stored(byte[] values, ZeroType type) implements Zeros {
      @Override
      public int at(int granule) {
        return values[granule] & 0xff;
      }
    }
  }

  /**
   * Packs codes.
   *
   * @param rows out
   * @param cols in
   * @param bits 1 to 8
   * @param codes one unsigned code per entry, row-major
   * @param scales one scale per granule, already representable in {@code scaleType}
   */
  public Codes(
      int rows,
      int cols,
      int bits,
      Granularity granularity,
      byte[] codes,
      float[] scales,
      DType scaleType,
      Zeros zeros) {
    this.rows = rows;
    this.cols = cols;
    this.bits = bits;
    this.granularity = granularity;
    this.packed = BitPacking.pack(codes, bits);
    this.scales = Numbers.stored(scales, scaleType);
    this.zeros = zeros;
  }

  private Codes(
      int rows,
      int cols,
      int bits,
      Granularity granularity,
      byte[] packed,
      Numbers scales,
      Zeros zeros) {
    this.rows = rows;
    this.cols = cols;
    this.bits = bits;
    this.granularity = granularity;
    this.packed = packed;
    this.scales = scales;
    this.zeros = zeros;
  }

  static Codes read(int rows, int cols, JsonNode description, SafetensorsFile file, String prefix)
      throws IOException {
    int bits = description.get("bits").asInt();
    Numbers scales = Numbers.read(file, prefix + "scales");
    Zeros zeros =
        description.has("zero")
            ? new Zeros.Implied(description.get("zero").asInt())
            : zeros(
                ZeroType.valueOf(description.get("zero-type").asText()),
                bits,
                scales.count(),
                file,
                prefix + "zeros");
    return new Codes(
        rows,
        cols,
        bits,
        Granularity.parse(description.get("granularity").asText()).orElseThrow(),
        file.bytes(prefix + "codes"),
        scales,
        zeros);
  }

  private static Zeros zeros(ZeroType type, int bits, int count, SafetensorsFile file, String name)
      throws IOException {
    byte[] values = new byte[count];
    switch (type) {
      case PACKED -> {
        byte[] packed = file.bytes(name);
        for (int i = 0; i < count; i++) {
          values[i] = (byte) BitPacking.unpack(packed, bits, i);
        }
      }
      case U8 -> values = file.bytes(name);
      case F16 -> {
        float[] numbers = file.floats(name);
        for (int i = 0; i < count; i++) {
          values[i] = (byte) (int) numbers[i];
        }
      }
    }
    return new Zeros.Stored(values, type);
  }

  @Override
  public ObjectNode description() {
    ObjectNode description =
        Artifact.describe("codes").put("bits", bits).put("granularity", granularity.toString());
    return zeros instanceof Zeros.Stored stored
        ? description.put("zero-type", stored.type().name())
        : description.put("zero", zeros.at(0));
  }

  /** The code of entry {@code index} (row-major), 0 to 2^bits − 1. */
  public int code(int index) {
    return BitPacking.unpack(packed, bits, index);
  }

  /** The scale of a granule. */
  public float scale(int granule) {
    return scales.at(granule);
  }

  /** The zero point of a granule. */
  public int zero(int granule) {
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
    for (int row = 0, index = 0; row < rows; row++) {
      for (int col = 0; col < cols; col++, index++) {
        if (index == 0 || (span <= cols && col % span == 0)) {
          granule++;
        }
        out[index] += scales.at(granule) * (code(index) - zeros.at(granule));
      }
    }
  }

  @Override
  public List<Payload> payload() {
    List<Payload> tensors = new ArrayList<>();
    tensors.add(new Payload("codes", "U8", List.of((long) packed.length), packed));
    tensors.add(scales.payload("scales", List.of((long) scales.count())));
    if (zeros instanceof Zeros.Stored stored) {
      long count = stored.values().length;
      switch (stored.type()) {
        case PACKED -> {
          byte[] bytes = BitPacking.pack(stored.values(), bits);
          tensors.add(new Payload("zeros", "U8", List.of((long) bytes.length), bytes));
        }
        case U8 -> tensors.add(new Payload("zeros", "U8", List.of(count), stored.values()));
        case F16 -> {
          float[] values = new float[stored.values().length];
          for (int i = 0; i < values.length; i++) {
            values[i] = stored.at(i);
          }
          tensors.add(Numbers.stored(values, DType.F16).payload("zeros", List.of(count)));
        }
      }
    }
    return tensors;
  }

  @Override
  public long bytes() {
    long size = packed.length + scales.bytes();
    if (zeros instanceof Zeros.Stored stored) {
      int count = stored.values().length;
      size +=
          switch (stored.type()) {
            case PACKED -> BitPacking.bytes(count, bits);
            case U8 -> count;
            case F16 -> 2L * count;
          };
    }
    return size;
  }
}
