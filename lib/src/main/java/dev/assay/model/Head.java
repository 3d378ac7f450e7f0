package dev.assay.model;

import dev.assay.family.Activation;
import org.bytedeco.pytorch.Tensor;

/** A sequence classification head: two linears over the first token's last hidden state. */
record Head(EffectiveLinear dense, Activation activation, EffectiveLinear out, int classes) {

  /**
   * @param hidden batch × tokens × width
   * @return logits, batch × classes
   */
  Tensor apply(Tensor hidden, Pass pass) {
    Tensor pooled = Functions.apply(activation, dense.apply(hidden.select(1, 0), pass));
    return out.apply(pass.drop(pooled), pass);
  }
}
