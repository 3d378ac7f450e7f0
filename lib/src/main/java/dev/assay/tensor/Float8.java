package dev.assay.tensor;

/**
 * The numbers of 8 bits that checkpoints hold: those of the OCP 8-bit Floating Point Specification
 * (2023), and their variants without infinities and negative zero (Noune et al., arXiv 2206.02915).
 * They are read, never written. Every one of them is a half-precision number too.
 */
public enum Float8 {
  /** No infinity; NaN where all bits but the sign are set. Largest 448. */
  E4M3(3, 7),
  /** As IEEE 754 has it: the upper byte of a half. Largest 57344. */
  E5M2(2, 15),
  /** NaN is what would be −0. Largest 240. */
  E4M3FNUZ(3, 8),
  /** NaN is what would be −0. Largest 57344. */
  E5M2FNUZ(2, 16);

  private final float[] values = new float[256];

  Float8(int mantissaBits, int bias) {
    for (int bits = 0; bits < values.length; bits++) {
      int exponent = (bits & 0x7f) >>> mantissaBits;
      int mantissa = bits & ((1 << mantissaBits) - 1);
      int implied = exponent == 0 ? 0 : 1 << mantissaBits;
      float magnitude =
          Math.scalb((float) (implied + mantissa), Math.max(exponent, 1) - bias - mantissaBits);
      values[bits] = bits < 0x80 ? magnitude : -magnitude;
    }
    switch (name()) {
      case "E4M3" -> {
        values[0x7f] = Float.NaN;
        values[0xff] = Float.NaN;
      }
      case "E5M2" -> {
        for (int bits = 0x7c; bits < 0x80; bits++) {
          values[bits] = bits == 0x7c ? Float.POSITIVE_INFINITY : Float.NaN;
          values[bits | 0x80] = bits == 0x7c ? Float.NEGATIVE_INFINITY : Float.NaN;
        }
      }
      default -> values[0x80] = Float.NaN;
    }
  }

  /** The number that a byte stands for. Exact. */
  public float value(byte bits) {
    return values[bits & 0xff];
  }
}
