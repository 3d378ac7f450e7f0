package dev.assay.model;

import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** A sequence classification head: two linears over the first token's last hidden state. */
record Head(
    EffectiveLinear dense, UnaryOperator<Tensor> activation, EffectiveLinear out, int classes) {

  /**
   * @param hidden batch × tokens × width
   * @return logits, batch × classes
   */
  Tensor apply(Tensor hidden, Pass pass) {
    Tensor pooled = activation.apply(dense.apply(hidden.select(1, 0), pass));
    return out.apply(pass.drop(pooled), pass);
  }
}
