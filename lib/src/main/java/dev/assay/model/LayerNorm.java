package dev.assay.model;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** γ·(x − mean)/√(var + ε) + β over the last dimension (Ba, Kiros and Hinton, 2016). */
record LayerNorm(long width, TensorOptional gamma, TensorOptional beta, double epsilon)
    implements Norm {
  @Override
  public Tensor apply(Tensor x) {
    return torch.layer_norm(x, new long[] {width}, gamma, beta, epsilon, false);
  }
}
