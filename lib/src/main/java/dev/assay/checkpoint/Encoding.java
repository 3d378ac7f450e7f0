package dev.assay.checkpoint;

import dev.assay.tensor.DType;
import java.io.Serializable;

/**
 * How the numbers of a weight are stored.
 *
 * @param type type of its elements, one that {@link ElementType#heldIn} something
 * @param scales what they are multiplied by
 */
public record Encoding(ElementType type, Scales scales) implements Serializable {
  /** Numbers as they are. */
  public static Encoding plain(ElementType type) {
    return new Encoding(type, Scales.NONE);
  }

  /**
   * The smallest type of 16 bits or more that holds each of the numbers as they are read: their
   * own; half precision for 8-bit floats; single precision where they are multiplied by scales.
   */
  public DType heldIn() {
    return scales.present() ? DType.F32 : type.heldIn().orElseThrow();
  }
}
