package dev.assay.part;

import java.util.function.IntUnaryOperator;

/** Unsigned integers of 1 to 16 bits in a dense stream of bytes, least significant bit first. */
final class BitPacking {
  private BitPacking() {}

  /** Bytes that {@code count} codes of {@code bits} take. */
  static int bytes(long count, int bits) {
    return Math.toIntExact((count * bits + 7) / 8);
  }

  /** Codes of up to 8 bits. */
  static byte[] pack(byte[] codes, int bits) {
    return pack(codes.length, i -> codes[i] & 0xff, bits);
  }

  static byte[] pack(char[] codes, int bits) {
    return pack(codes.length, i -> codes[i], bits);
  }

  private static byte[] pack(int count, IntUnaryOperator codes, int bits) {
    byte[] packed = new byte[bytes(count, bits)];
    long position = 0;
    for (int i = 0; i < count; i++) {
      int shifted = codes.applyAsInt(i) << (int) (position & 7);
      for (int at = (int) (position >>> 3); shifted != 0; at++, shifted >>>= 8) {
        packed[at] |= (byte) shifted;
      }
      position += bits;
    }
    return packed;
  }

  static int unpack(byte[] packed, int bits, long index) {
    long position = index * bits;
    int at = (int) (position >>> 3);
    int window = packed[at] & 0xff;
    if (at + 1 < packed.length) {
      window |= (packed[at + 1] & 0xff) << 8;
    }
    if (bits > 9 && at + 2 < packed.length) {
      window |= (packed[at + 2] & 0xff) << 16;
    }
    return (window >>> (int) (position & 7)) & ((1 << bits) - 1);
  }
}
