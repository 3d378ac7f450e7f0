package dev.assay.model;

import java.io.Serializable;

/**
 * A text, or a pair of texts, as a model reads it.
 *
 * @param ids tokens, special ones included
 * @param types 0 for the first text, 1 for the second
 * @param truncated whether tokens were dropped to meet the longest length
 */
public record TokenIds(int[] ids, int[] types, boolean truncated) implements Serializable {

  /** Number of tokens. */
  public int length() {
    return ids.length;
  }
}
