package dev.assay.model;

import dev.assay.part.BasisChange;
import dev.assay.part.InputRounding;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * x ↦ Q(T⁻¹·x): the input carried into the basis of a compressed matrix and rounded there, token by
 * token, as {@link InputRounding.PerToken} says. In float, rounding half to even.
 */
final class TokenRounding implements ActivationQuantizer {
  private final List<InputChange> changes;
  private final InputRounding.PerToken rounding;

  /**
   * @param changes the changes of the basis, first change first
   * @param width in
   */
  TokenRounding(List<BasisChange> changes, int width, InputRounding.PerToken rounding) {
    this.changes = changes.stream().map(change -> InputChange.of(change, width)).toList();
    this.rounding = rounding;
  }

  @Override
  public Tensor quantize(Tensor input) {
    Tensor x = input;
    for (InputChange change : changes) {
      x = change.apply(x);
    }
    int top = rounding.top();
    Tensor scale =
        x.abs()
            .amax(new long[] {-1}, true)
            .clamp_min(new Scalar(InputRounding.PerToken.FLOOR))
            .mul(new Scalar(rounding.clipRatio()))
            .div(new Scalar(top));
    Tensor codes =
        x.div(scale)
            .round()
            .clamp(new ScalarOptional(new Scalar(-top - 1)), new ScalarOptional(new Scalar(top)));
    return codes.mul(scale);
  }
}
