package dev.assay.part;

/** Unsigned integers of 1 to 8 bits in a dense stream of bytes, least significant bit first. */
final class BitPacking {
  private BitPacking() {}

  /** Bytes that {@code count} codes of {@code bits} take. */
  static int bytes(long count, int bits) {
    return Math.toIntExact((count * bits + 7) / 8);
  }

  static byte[] pack(byte[] codes, int bits) {
    byte[] packed = new byte[bytes(codes.length, bits)];
    long position = 0;
    for (byte code : codes) {
      int shifted = (code & 0xff) << (int) (position & 7);
      int at = (int) (position >>> 3);
      packed[at] |= (byte) shifted;
      if (shifted > 0xff) {
        packed[at + 1] |= (byte) (shifted >>> 8);
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
    return (window >>> (int) (position & 7)) & ((1 << bits) - 1);
  }
}
