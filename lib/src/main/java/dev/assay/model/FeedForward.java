package dev.assay.model;

import dev.assay.family.Activation;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * down·f(up·x), or with a gate down·(f(gate·x) ∘ up·x) (Shazeer, 2020), token by token.
 *
 * @param activation f
 */
record FeedForward(
    Optional<EffectiveLinear> gate,
    EffectiveLinear up,
    EffectiveLinear down,
    Activation activation) {

  Tensor apply(Tensor x, Pass pass) {
    if (gate.isEmpty()) {
      return down.apply(Functions.apply(activation, up.apply(x, pass)), pass);
    }
    Tensor opened = Functions.apply(activation, gate.get().apply(x, pass));
    return down.apply(opened.mul(up.apply(x, pass)), pass);
  }
}
