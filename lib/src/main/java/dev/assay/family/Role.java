package dev.assay.family;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a linear of a block does in it. */
public enum Role {
  QUERY,
  KEY,
  VALUE,
  /** Query, key and value in one matrix, their rows one behind the other. */
  QKV,
  /** Behind attention. */
  OUTPUT,
  /**
   * Into the activation of a gated feed-forward layer, whose result is multiplied with that of up.
   */
  GATE,
  UP,
  /** Gate and up in one matrix. */
  GATE_UP,
  DOWN;

  /** The name in tables and ids. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The role of that name; empty for what has none that is known. */
  public static Optional<Role> named(String id) {
    return Arrays.stream(values()).filter(role -> role.id().equals(id)).findFirst();
  }

  /** Whether it belongs to attention, and not to the feed-forward layer. */
  boolean attends() {
    return compareTo(OUTPUT) <= 0;
  }
}
