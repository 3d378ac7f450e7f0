package dev.assay.plan;

import dev.assay.checkpoint.Tensor;
import java.io.Serializable;
import java.util.List;

/**
 * A matrix of a unit.
 *
 * @param weight W, out × in
 * @param role what it does in its site, {@code query}
 * @param input name of what it reads
 * @param peers all matrices of the model that read the same input, the weight among them, by name
 */
public record Member(Tensor weight, String role, String input, List<Tensor> peers)
    implements Serializable {
  public Member {
    peers = List.copyOf(peers);
  }

  /** The weight's name. */
  public String name() {
    return weight.name();
  }
}
