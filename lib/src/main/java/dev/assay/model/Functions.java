package dev.assay.model;

import dev.assay.family.Activation;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Activations on tensors. */
final class Functions {
  private Functions() {}

  static Tensor apply(Activation activation, Tensor x) {
    return switch (activation) {
      case GELU -> torch.gelu(x);
      case GELU_TANH -> torch.gelu(x, "tanh");
      case RELU -> torch.relu(x);
      case SILU -> torch.silu(x);
      case TANH -> torch.tanh(x);
    };
  }
}
