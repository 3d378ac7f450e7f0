package dev.assay.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * y = Wₙ·q₍ₙ₎(… W₁·q₁(x)) + b: what a linear computes, whatever it is made of. Dense weights are
 * chains of one.
 *
 * @param name name of the weight in the checkpoint
 * @param chain the matrices, that which meets the input first
 */
record EffectiveLinear(String name, List<Stage> chain, TensorOptional bias, TensorOptional none) {

  /** A matrix, out × in, and what happens to its input. */
  record Stage(Tensor weight, ActivationQuantizer quantizer) {}

  /** Computes batch × … × out from batch × … × in. */
  Tensor apply(Tensor input, Pass pass) {
    Tensor x = pass.tap().enter(name, input, pass.mask());
    int last = chain.size() - 1;
    for (int i = 0; i <= last; i++) {
      Stage stage = chain.get(i);
      x = torch.linear(stage.quantizer().quantize(x), stage.weight(), i == last ? bias : none);
    }
    pass.tap().leave(name, x);
    return x;
  }
}
