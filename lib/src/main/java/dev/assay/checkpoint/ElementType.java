package dev.assay.checkpoint;

import dev.assay.tensor.DType;
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

  /** The type Assay computes from, where it is F64, F32, F16 or BF16. */
  public Optional<DType> dtype() {
    return switch (this) {
      case F64 -> Optional.of(DType.F64);
      case F32 -> Optional.of(DType.F32);
      case F16 -> Optional.of(DType.F16);
      case BF16 -> Optional.of(DType.BF16);
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
