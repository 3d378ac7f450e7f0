package dev.assay.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;

/**
 * SentencePiece's {@code precompiled_charsmap}: the length in bytes of a double-array trie (Darts),
 * its units of 32 bits, and the texts, each closed by a NUL, that what the trie finds is replaced
 * by. Whoever follows it does so without looking, so it is followed everywhere before.
 */
final class CharsMap {
  private static final int BYTES = 256;

  private final int[] units;
  private final byte[] texts;
  private final BitSet seen = new BitSet();
  private final Deque<Integer> open = new ArrayDeque<>();

  private CharsMap(int[] units, byte[] texts) {
    this.units = units;
    this.texts = texts;
  }

  /**
   * Follows a map everywhere, at 255 steps for each unit that can be reached.
   *
   * @throws IllegalArgumentException if some text leads out of it
   */
  static void check(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int size = in.remaining() < Integer.BYTES ? -1 : in.getInt();
    if (size <= 0 || size % Integer.BYTES != 0 || size > in.remaining()) {
      throw new IllegalArgumentException("it has " + bytes.length + " bytes, its trie " + size);
    }
    int[] units = new int[size / Integer.BYTES];
    in.asIntBuffer().get(units);
    in.position(in.position() + size);
    byte[] texts = new byte[in.remaining()];
    in.get(texts);
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(texts));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("its texts are not UTF-8", e);
    }
    new CharsMap(units, texts).follow();
  }

  private void follow() {
    reach(offset(units[0]));
    while (!open.isEmpty()) {
      int node = open.pop();
      for (int label = 1; label < BYTES; label++) {
        int unit = units[node ^ label];
        if ((unit & (1 << 31 | 0xff)) == label) {
          int child = node ^ label ^ offset(unit);
          reach(child);
          if ((unit >>> 8 & 1) != 0) {
            checkText(units[child] & Integer.MAX_VALUE);
          }
        }
      }
    }
  }

  private static int offset(int unit) {
    return unit >>> 10 << ((unit & 1 << 9) >>> 6);
  }

  /** Any byte may follow here, and its unit is looked at. */
  private void reach(int node) {
    if (node < 0 || (node | BYTES - 1) >= units.length) {
      throw new IllegalArgumentException("unit " + node + " lies beyond " + units.length);
    }
    if (!seen.get(node)) {
      seen.set(node);
      open.push(node);
    }
  }

  private void checkText(int from) {
    boolean within = from < texts.length && (texts[from] & 0xc0) != 0x80;
    if (!within) {
      throw new IllegalArgumentException("there is no text at " + from + " of " + texts.length);
    }
  }
}
