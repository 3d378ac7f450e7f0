package dev.assay.model;

import dev.assay.part.BasisChange;
import dev.assay.part.CompressedMatrix;
import dev.assay.part.InputRounding;
import dev.assay.part.Rebased;
import dev.assay.tensor.Matrix;
import java.util.ArrayList;
import java.util.List;

/**
 * One matrix of the chain that stands for a weight.
 *
 * @param matrix out × in
 * @param quantizer what happens to its input
 */
public record Link(Matrix matrix, ActivationQuantizer quantizer) {

  /** A matrix whose input stays as it is. */
  public static Link of(Matrix matrix) {
    return new Link(matrix, ActivationQuantizer.NONE);
  }

  /**
   * What a model computes with in the place of a compressed weight. Where its input is not rounded,
   * that is the effective weight Ŵ. Where it is, in the basis T, it is Ŵ′ = Ŵ·T with a quantizer
   * that carries the input there and rounds it: Ŵ′·Q(T⁻¹·x), the numbers that the codes stand for
   * and nothing rounded on the way.
   */
  public static Link of(CompressedMatrix compressed) {
    List<BasisChange> changes = new ArrayList<>();
    CompressedMatrix inner = compressed;
    // The rounding's level is not the innermost where codes lie in an order of their own.
    while (inner.rounding() instanceof InputRounding.None
        && inner.parts().size() == 1
        && inner.parts().get(0) instanceof Rebased rebased) {
      changes.add(rebased.change());
      inner = rebased.inner();
    }
    return inner.rounding() instanceof InputRounding.PerToken perToken
        ? new Link(inner.decode(), new TokenRounding(changes, inner.cols(), perToken))
        : of(compressed.decode());
  }
}
