package dev.assay.plan;

import dev.assay.checkpoint.Place;
import dev.assay.checkpoint.Tensor;
import java.io.Serializable;
import java.util.List;

/**
 * What a recipe decides jointly: one matrix.
 *
 * @param site the task it belongs to, matrices of a block that share inputs
 * @param layer the block's index, −1 outside blocks
 * @param weight the matrix
 * @param peers all matrices of the model that read the same input, the weight among them, by name
 */
public record Unit(String site, int layer, Tensor weight, List<Tensor> peers)
    implements Serializable {
  public Unit {
    peers = List.copyOf(peers);
  }

  /** Name of the input that the matrix reads. */
  public String input() {
    return Place.of(weight.name()).input();
  }

  /** The unit's name: its matrix's. */
  public String name() {
    return weight.name();
  }
}
