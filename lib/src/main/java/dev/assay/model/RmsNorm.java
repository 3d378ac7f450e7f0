package dev.assay.model;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** γ·x/√(mean x² + ε) over the last dimension (Zhang and Sennrich, 2019). */
record RmsNorm(long width, TensorOptional gamma, double epsilon) implements Norm {
  @Override
  public Tensor apply(Tensor x) {
    return torch.rms_norm(x, new long[] {width}, gamma, new DoubleOptional(epsilon));
  }
}
