package dev.assay.sweep;

import dev.assay.checkpoint.Tensor;
import java.io.Serializable;

/**
 * What a recipe decides jointly: one matrix.
 *
 * @param site the task it belongs to, matrices of a block that share inputs
 * @param layer the block's index, −1 outside blocks
 * @param weight the matrix
 */
public record Unit(String site, int layer, Tensor weight) implements Serializable {
  /** The unit's name: its matrix's. */
  public String name() {
    return weight.name();
  }
}
