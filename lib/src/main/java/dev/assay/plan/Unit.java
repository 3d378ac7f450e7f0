package dev.assay.plan;

import dev.assay.checkpoint.Tensor;
import java.io.Serializable;
import java.util.List;

/**
 * What a recipe decides jointly: a matrix, or several of one site.
 *
 * @param name of a matrix its own name
 * @param site the matrices of a block that share inputs, worked on in one task
 * @param layer the block's index, −1 outside blocks
 * @param members at least one, in order of the group
 */
public record Unit(String name, String site, int layer, List<Member> members)
    implements Serializable {
  public Unit {
    members = List.copyOf(members);
  }

  /** A matrix on its own. */
  static Unit of(String site, int layer, Member matrix) {
    return new Unit(matrix.name(), site, layer, List.of(matrix));
  }

  /**
   * The matrix of a unit that is one.
   *
   * @throws IllegalStateException if it has several members
   */
  public Member matrix() {
    if (members.size() != 1) {
      throw new IllegalStateException(name + " is a unit of " + members.size() + " matrices");
    }
    return members.get(0);
  }

  /** Number of weights. */
  public long size() {
    return members.stream().map(Member::weight).mapToLong(Tensor::size).sum();
  }

  /** Bytes that the checkpoint stores of them. */
  public long bytes() {
    return members.stream().map(Member::weight).mapToLong(Tensor::bytes).sum();
  }
}
