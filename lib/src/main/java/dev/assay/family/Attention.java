package dev.assay.family;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * The sizes of attention in every block, and how it knows where tokens stand.
 *
 * @param heads query heads
 * @param keyValueHeads key and value heads, of which each serves {@code heads / keyValueHeads}
 *     query heads in a row
 * @param headWidth channels of a head
 * @param rotary the rotation of queries and keys, where there is one
 * @param distances rows of the table of biases by distance, where there is one
 */
public record Attention(
    int heads, int keyValueHeads, int headWidth, Optional<Rotary> rotary, OptionalInt distances) {

  /** As many key and value heads as query heads, and positions that the embeddings tell. */
  static Attention plain(int heads, int width) {
    return new Attention(heads, heads, width / heads, Optional.empty(), OptionalInt.empty());
  }

  /** Channels of all query heads. */
  public int width() {
    return heads * headWidth;
  }

  /** Channels of all key heads, or value heads. */
  public int keyValueWidth() {
    return keyValueHeads * headWidth;
  }
}
