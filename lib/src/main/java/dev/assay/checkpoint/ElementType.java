package dev.assay.checkpoint;

import dev.assay.tensor.DType;
import dev.assay.tensor.Float8;
import java.util.Optional;

/**
 * Every element type of the safetensors format, in the order of the reference implementation
 * (safetensors/src/tensor.rs, {@code enum Dtype}): by increasing alignment. {@link #name()} is the
 * name in a header.
 */
public enum ElementType {
  BOOL(8),
  F4(4),
  F6_E2M3(6),
  F6_E3M2(6),
  U8(8),
  I8(8),
  F8_E5M2(8),
  F8_E4M3(8),
  F8_E8M0(8),
  F8_E4M3FNUZ(8),
  F8_E5M2FNUZ(8),
  I16(16),
  U16(16),
  F16(16),
  BF16(16),
  I32(32),
  U32(32),
  F32(32),
  C64(64),
  F64(64),
  I64(64),
  U64(64);

  private final int bits;

  ElementType(int bits) {
    this.bits = bits;
  }

  /** Size of one element in bits. */
  public int bits() {
    return bits;
  }

  /** The same type, where it is F64, F32, F16 or BF16. */
  public Optional<DType> dtype() {
    return switch (this) {
      case F64 -> Optional.of(DType.F64);
      case F32 -> Optional.of(DType.F32);
      case F16 -> Optional.of(DType.F16);
      case BF16 -> Optional.of(DType.BF16);
      default -> Optional.empty();
    };
  }

  /**
   * The type that holds every number of this one exactly: {@link #dtype}, or half precision for the
   * 8-bit floats; empty where weights of this type are not read.
   */
  public Optional<DType> heldIn() {
    return float8().isPresent() ? Optional.of(DType.F16) : dtype();
  }

  /** The numbers that a byte of this type stands for, where it is an 8-bit float. */
  Optional<Float8> float8() {
    return switch (this) {
      case F8_E4M3 -> Optional.of(Float8.E4M3);
      case F8_E5M2 -> Optional.of(Float8.E5M2);
      case F8_E4M3FNUZ -> Optional.of(Float8.E4M3FNUZ);
      case F8_E5M2FNUZ -> Optional.of(Float8.E5M2FNUZ);
      default -> Optional.empty();
    };
  }

  /** The element type that stores {@code dtype}. */
  public static ElementType of(DType dtype) {
    return valueOf(dtype.name());
  }

  static Optional<ElementType> named(String name) {
    for (ElementType type : values()) {
      if (type.name().equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
