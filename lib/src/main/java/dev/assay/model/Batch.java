package dev.assay.model;

import dev.assay.tensor.Matrix;
import java.util.List;

/**
 * Tokenized texts that go through a model together, padded at their ends to the longest.
 *
 * @param rows number of texts
 * @param tokens length of the longest
 * @param ids row by row, 0 behind the end
 * @param types 0 for the first text of a pair, 1 for the second
 * @param mask true where there is a token
 */
public record Batch(int rows, int tokens, long[] ids, long[] types, boolean[] mask) {

  /**
   * @throws IllegalArgumentException if there is no text, or an empty one
   */
  public static Batch of(List<TokenIds> texts) {
    int longest = texts.stream().mapToInt(TokenIds::length).max().orElse(0);
    int shortest = texts.stream().mapToInt(TokenIds::length).min().orElse(0);
    if (shortest == 0) {
      throw new IllegalArgumentException(
          texts.isEmpty()
              ? "A batch needs a text"
              : "A text without tokens, not even special ones");
    }
    int size = Math.multiplyExact(texts.size(), longest);
    long[] ids = new long[size];
    long[] types = new long[size];
    boolean[] mask = new boolean[size];
    int at = 0;
    for (TokenIds text : texts) {
      for (int i = 0; i < text.length(); i++) {
        ids[at + i] = text.ids()[i];
        types[at + i] = text.types()[i];
        mask[at + i] = true;
      }
      // Padding is masked everywhere, so any id does; 0 is in every vocabulary.
      at += longest;
    }
    return new Batch(texts.size(), longest, ids, types, mask);
  }

  /** The rows of {@code all}, rows · tokens × width, that stand for tokens. */
  public Matrix withoutPadding(Matrix all) {
    int width = all.cols();
    int real = 0;
    for (boolean token : mask) {
      real += token ? 1 : 0;
    }
    Matrix packed = Matrix.zeros(real, width);
    for (int i = 0, at = 0; i < mask.length; i++) {
      if (mask[i]) {
        System.arraycopy(all.data(), i * width, packed.data(), width * at++, width);
      }
    }
    return packed;
  }

  /** The inverse of {@link #withoutPadding}, with zeros at padding. */
  public Matrix withPadding(Matrix packed) {
    int width = packed.cols();
    Matrix all = Matrix.zeros(mask.length, width);
    for (int i = 0, at = 0; i < mask.length; i++) {
      if (mask[i]) {
        System.arraycopy(packed.data(), width * at++, all.data(), i * width, width);
      }
    }
    return all;
  }

  /** Number of tokens of a text. */
  int length(int text) {
    int length = 0;
    for (int i = text * tokens; i < (text + 1) * tokens; i++) {
      length += mask[i] ? 1 : 0;
    }
    return length;
  }

  /** The mask as numbers, 1 or 0. */
  float[] ones() {
    float[] ones = new float[mask.length];
    for (int i = 0; i < ones.length; i++) {
      ones[i] = mask[i] ? 1 : 0;
    }
    return ones;
  }

  /** Whether a text is shorter than the longest. */
  boolean isPadded() {
    for (boolean token : mask) {
      if (!token) {
        return true;
      }
    }
    return false;
  }
}
