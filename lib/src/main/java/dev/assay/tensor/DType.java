package dev.assay.tensor;

import java.util.Locale;

/**
 * How a real number is stored: IEEE 754 single, half, bfloat16, or double.
 *
 * <p>Widening to float is exact for {@link #F32}, {@link #F16} and {@link #BF16}; {@link #F64} is
 * rounded. Narrowing rounds to nearest, ties to even.
 */
public enum DType {
  F64(8) {
    @Override
    public float round(float value) {
      return value;
    }
  },
  F32(4) {
    @Override
    public float round(float value) {
      return value;
    }
  },
  F16(2) {
    @Override
    public float round(float value) {
      return halfToFloat(floatToHalf(value));
    }
  },
  BF16(2) {
    @Override
    public float round(float value) {
      return bfloatToFloat(floatToBfloat(value));
    }
  };

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** The number nearest to {@code value} that this type can hold. */
  public abstract float round(float value);

  /** The name used in configuration and tables: {@code f32}, {@code bf16}, … */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Widens a half-precision bit pattern. Exact. */
  public static float halfToFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >>> 10) & 0x1f;
    int mantissa = half & 0x3ff;
    if (exponent == 0x1f) {
      return Float.intBitsToFloat(sign | 0x7f800000 | (mantissa << 13));
    }
    if (exponent == 0) {
      // Subnormal: mantissa · 2⁻²⁴, exact in float.
      float magnitude = mantissa * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    return Float.intBitsToFloat(sign | ((exponent + 112) << 23) | (mantissa << 13));
  }

  /** Narrows to half precision, nearest even; overflow becomes infinity. */
  public static short floatToHalf(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {
      return (short) (sign | 0x7e00);
    }
    if (magnitude >= 0x477ff000) {
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x38800000) {
      // Below 2⁻¹⁴ the half is subnormal: count units of 2⁻²⁴.
      float units = Float.intBitsToFloat(magnitude) * 0x1p24f;
      return (short) (sign | (int) Math.rint(units));
    }
    int rounded = magnitude - (112 << 23);
    rounded += 0xfff + ((rounded >>> 13) & 1);
    return (short) (sign | (rounded >>> 13));
  }

  /** Widens a bfloat16 bit pattern. Exact. */
  public static float bfloatToFloat(short bfloat) {
    return Float.intBitsToFloat(bfloat << 16);
  }

  /** Narrows to bfloat16, nearest even. */
  public static short floatToBfloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }
}
