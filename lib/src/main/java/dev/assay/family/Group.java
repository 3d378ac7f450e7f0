package dev.assay.family;

import java.io.Serializable;
import java.util.List;

/**
 * Matrices of a block that a recipe may decide together.
 *
 * @param kind how they belong together
 * @param site name of their site
 * @param members names of their weights, in the order of {@link Kind}
 */
public record Group(Kind kind, String site, List<String> members) implements Serializable {
  public Group {
    members = List.copyOf(members);
  }

  /** How matrices belong together. */
  public enum Kind {
    /** Query, key and value, which read the same input. */
    QUERY_KEY_VALUE,
    /** Value and attention's output: their product over a head is all that counts. */
    VALUE_OUTPUT,
    /** Gate where there is one, up, and down, with an activation between them. */
    UP_DOWN
  }
}
