package dev.assay.part;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.recipe.quantize.Granule;
import dev.assay.tensor.DType;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Levels at equal distances: code q stands for s·(q − z) in float, with a scale s and zero point z
 * per granule, which may have a {@link SecondLevel} of their own.
 *
 * @param scales one scale per granule
 * @param zeros one zero point per granule, or one for all
 */
public record UniformLevels(Reals scales, Zeros zeros) implements Levels {
  static final String KIND = "uniform";
  private static final String SECOND_SCALES = "second-level-scales";
  private static final String SECOND_ZEROS = "second-level-zeros";

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

  static UniformLevels read(
      int groups, int bits, int count, Description description, SafetensorsFile file, String prefix)
      throws IOException {
    return new UniformLevels(
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

  /** The scale of a granule. */
  public float scale(int granule) {
    return scales.at(granule);
  }

  /** The zero point of a granule. */
  public float zero(int granule) {
    return zeros.at(granule);
  }

  @Override
  public Granule granule(int index) {
    float scale = scales.at(index);
    float zero = zeros.at(index);
    return (code, offset) -> scale * (code - zero);
  }

  @Override
  public int granules() {
    return scales.count();
  }

  @Override
  public List<Payload> payload(int bits) {
    List<Payload> tensors = new ArrayList<>(scales.payload("scales"));
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
  public void describe(ObjectNode description) {
    description.put("levels", KIND);
    scales.describe(description, SECOND_SCALES);
    if (zeros instanceof Zeros.Whole whole) {
      description.put("zero-type", whole.type().name());
    } else if (zeros instanceof Zeros.Real real) {
      description.put("zero-type", real.type().name());
      real.values().describe(description, SECOND_ZEROS);
    } else {
      description.put("zero", (int) zeros.at(0));
    }
  }

  @Override
  public long bytes(int bits) {
    if (zeros instanceof Zeros.Real real) {
      return scales.bytes() + real.values().bytes();
    }
    if (zeros instanceof Zeros.Whole whole) {
      int count = whole.values().length;
      return scales.bytes()
          + (whole.type() == ZeroType.PACKED ? BitPacking.bytes(count, bits) : count);
    }
    return scales.bytes();
  }
}
