package dev.assay.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Damages files, reproducibly: a seed and a file always give the same damaged file. */
public final class Mutator {
  /** Whole numbers at which sizes, counts and offsets go wrong. */
  private static final long[] EDGES = {
    0,
    1,
    -1,
    7,
    8,
    127,
    128,
    255,
    256,
    1 << 15,
    1 << 16,
    100_000_000,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 31,
    1L << 32,
    1L << 62,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  /** Bytes that are no UTF-8, a byte-order mark, and characters that tools trip over. */
  private static final byte[][] UTF8 = {
    {(byte) 0x80},
    {(byte) 0xc0, (byte) 0x80},
    {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
    {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
    {(byte) 0xff, (byte) 0xfe},
    {(byte) 0xe2, (byte) 0x82},
    {(byte) 0xef, (byte) 0xbb, (byte) 0xbf},
    {0},
    {0x1b, '[', '2', 'J'},
    {'\r'},
    {'\n'},
    {'\t'},
    {(byte) 0xe2, (byte) 0x80, (byte) 0xa8},
    {(byte) 0xf0, (byte) 0x9f, (byte) 0x8e, (byte) 0x89}
  };

  private static final int LONG_RUN = 1 << 16;

  private final SplittableRandom random;
  private final List<String> tokens;

  /**
   * A mutator.
   *
   * @param seed of everything it does
   * @param tokens pieces of the format's own language
   */
  public Mutator(long seed, List<String> tokens) {
    this.random = new SplittableRandom(seed);
    this.tokens = tokens;
  }

  /** Source of further choices. */
  public SplittableRandom random() {
    return random;
  }

  /** One of {@code choices}. */
  public <T> T pick(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  /** A token of the format, or of any. */
  public String token() {
    return pick(tokens);
  }

  /**
   * One change somewhere in {@code file}, sometimes up to four.
   *
   * @param other a file that a part may come from
   */
  public byte[] bytes(byte[] file, byte[] other) {
    byte[] out = file;
    for (int n = changes(); n > 0; n--) {
      out = change(out, other);
    }
    return out;
  }

  /** How many changes: mostly one, so that much of a file stays good and is read on. */
  public int changes() {
    return random.nextInt(3) > 0 ? 1 : 1 + random.nextInt(4);
  }

  private byte[] change(byte[] file, byte[] other) {
    int at = random.nextInt(file.length + 1);
    int end = Math.min(file.length, at + (1 << random.nextInt(8)));
    return switch (random.nextInt(15)) {
      case 0, 1 -> flipped(file, at);
      case 2 -> replaced(file, at, Math.min(file.length, at + 1), (byte) random.nextInt(256));
      case 3 -> replaced(file, at, end);
      case 4 -> replaced(file, at, at, Arrays.copyOfRange(file, at, end));
      case 5 -> Arrays.copyOf(file, at);
      case 6 -> spliced(file, at, other);
      case 7, 8 -> replaced(file, at, at, text(token()));
      case 9 -> replaced(file, at, end, text(token()));
      case 10 -> overwritten(file, at, edge());
      case 11 -> number(file, at);
      case 12 -> replaced(file, at, at, UTF8[random.nextInt(UTF8.length)]);
      case 13 -> moved(file, at, end);
      default -> random.nextInt(40) == 0 ? replaced(file, at, at, run()) : flipped(file, at);
    };
  }

  /** Many of one thing: a line without an end, or thousands of brackets. */
  private byte[] run() {
    String piece =
        random.nextBoolean() ? token() : pick(List.of("[", "{", "(", "a", "a.", "{\"a\":"));
    int length = 1 << random.nextInt(17);
    return text(
        piece.repeat(Math.max(1, Math.min(length, LONG_RUN / Math.max(1, piece.length())))));
  }

  private byte[] flipped(byte[] file, int at) {
    if (at == file.length) {
      return file;
    }
    byte[] out = file.clone();
    out[at] ^= (byte) (1 << random.nextInt(8));
    return out;
  }

  private byte[] spliced(byte[] file, int at, byte[] other) {
    int from = random.nextInt(other.length + 1);
    return replaced(file, at, file.length, Arrays.copyOfRange(other, from, other.length));
  }

  private byte[] moved(byte[] file, int at, int end) {
    byte[] without = replaced(file, at, end);
    int to = random.nextInt(without.length + 1);
    return replaced(without, to, to, Arrays.copyOfRange(file, at, end));
  }

  /** A number in binary, in either order of its bytes. */
  private byte[] edge() {
    byte[] eight =
        ByteBuffer.allocate(Long.BYTES)
            .order(random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN)
            .putLong(EDGES[random.nextInt(EDGES.length)])
            .array();
    return Arrays.copyOf(eight, 1 << random.nextInt(4));
  }

  private static byte[] overwritten(byte[] file, int at, byte[] with) {
    return replaced(file, at, Math.min(file.length, at + with.length), with);
  }

  /** Replaces the next number in a text by one at the edge of some type. */
  private byte[] number(byte[] file, int from) {
    int begin = from;
    while (begin < file.length && !isDigit(file[begin])) {
      begin++;
    }
    int end = begin;
    while (end < file.length && isDigit(file[end])) {
      end++;
    }
    return begin == file.length ? file : replaced(file, begin, end, text(extreme()));
  }

  /** A number as text that some type cannot hold, or no program expects. */
  public String extreme() {
    return random.nextInt(3) > 0
        ? Long.toString(EDGES[random.nextInt(EDGES.length)])
        : pick(
            List.of(
                "9223372036854775808",
                "18446744073709551616",
                "1e309",
                "-1e309",
                "1e-400",
                "0.5",
                "1e9",
                "-0",
                "00",
                "1" + "0".repeat(1200)));
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  private static byte[] replaced(byte[] file, int from, int to, byte... with) {
    byte[] out = new byte[file.length - (to - from) + with.length];
    System.arraycopy(file, 0, out, 0, from);
    System.arraycopy(with, 0, out, from, with.length);
    System.arraycopy(file, to, out, from + with.length, file.length - to);
    return out;
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
