package dev.assay.checkpoint;

import dev.assay.tensor.DType;
import dev.assay.tensor.Float8;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;

/** Elements of a tensor between their little-endian bytes and Java's numbers. */
final class Elements {
  private Elements() {}

  /**
   * Decodes {@code count} elements from the start of {@code bytes}. F64 is rounded.
   *
   * @param type a real one
   */
  static void decode(ElementType type, byte[] bytes, float[] target, int offset, int count) {
    if (type == ElementType.F8_E8M0) {
      for (int i = 0; i < count; i++) {
        target[offset + i] = powerOfTwo(bytes[i] & 0xff);
      }
      return;
    }
    Float8 small = type.float8().orElse(null);
    if (small == null) {
      decode(type.dtype().orElseThrow(), bytes, target, offset, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      target[offset + i] = small.value(bytes[i]);
    }
  }

  /** A scale without sign and mantissa, by its exponent with a bias of 127. */
  private static float powerOfTwo(int exponent) {
    return exponent == 0xff ? Float.NaN : Math.scalb(1f, exponent - 127);
  }

  /** Decodes {@code count} elements from the start of {@code bytes}. F64 is rounded. */
  static void decode(DType dtype, byte[] bytes, float[] target, int offset, int count) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    switch (dtype) {
      case F64 -> {
        for (int i = 0; i < count; i++) {
          target[offset + i] = (float) buffer.getDouble(8 * i);
        }
      }
      case F32 -> buffer.asFloatBuffer().get(target, offset, count);
      case F16 -> {
        ShortBuffer halves = buffer.asShortBuffer();
        for (int i = 0; i < count; i++) {
          target[offset + i] = DType.halfToFloat(halves.get(i));
        }
      }
      case BF16 -> {
        ShortBuffer bfloats = buffer.asShortBuffer();
        for (int i = 0; i < count; i++) {
          target[offset + i] = DType.bfloatToFloat(bfloats.get(i));
        }
      }
    }
  }

  /** Encodes {@code values}, each rounded once to nearest, ties to even. */
  static byte[] encode(DType dtype, double[] values) {
    byte[] bytes = new byte[Math.multiplyExact(values.length, dtype.bytes())];
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    switch (dtype) {
      case F64 -> buffer.asDoubleBuffer().put(values);
      case F32 -> {
        for (double value : values) {
          buffer.putFloat((float) value);
        }
      }
      case F16 -> {
        for (double value : values) {
          buffer.putShort(DType.floatToHalf(roundToOdd(value)));
        }
      }
      case BF16 -> {
        for (double value : values) {
          buffer.putShort(DType.floatToBfloat(roundToOdd(value)));
        }
      }
    }
    return bytes;
  }

  /** Encodes {@code values}, each rounded once to nearest, ties to even. */
  static byte[] encode(DType dtype, float[] values) {
    byte[] bytes = new byte[Math.multiplyExact(values.length, dtype.bytes())];
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    switch (dtype) {
      case F64 -> {
        for (float value : values) {
          buffer.putDouble(value);
        }
      }
      case F32 -> buffer.asFloatBuffer().put(values);
      case F16 -> {
        for (float value : values) {
          buffer.putShort(DType.floatToHalf(value));
        }
      }
      case BF16 -> {
        for (float value : values) {
          buffer.putShort(DType.floatToBfloat(value));
        }
      }
    }
    return bytes;
  }

  /**
   * The float that keeps, in an odd last bit, that {@code value} was inexact: rounding it further
   * to half or bfloat16 then gives what rounding {@code value} itself would (Boldo and Melquiond,
   * "When double rounding is odd", 2005).
   */
  private static float roundToOdd(double value) {
    float rounded = (float) value;
    boolean exact = rounded == value || Double.isNaN(value);
    if (exact || (Float.floatToRawIntBits(rounded) & 1) != 0) {
      return rounded;
    }
    return Math.nextAfter(rounded, value);
  }
}
