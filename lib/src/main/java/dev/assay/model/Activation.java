package dev.assay.model;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The function between the two linears of a feed-forward block. */
public enum Activation {
  /** x·Φ(x), with the exact Gaussian distribution function (Hendrycks and Gimpel, 2016). */
  GELU(torch::gelu),
  /** GELU with Φ approximated by tanh(√(2/π)·(x + 0.044715·x³)). */
  GELU_TANH(x -> torch.gelu(x, "tanh")),
  /** max(x, 0). */
  RELU(torch::relu);

  private static final Map<String, Activation> NAMES =
      new TreeMap<>(
          Map.of(
              "gelu", GELU, "gelu_new", GELU_TANH, "gelu_pytorch_tanh", GELU_TANH, "relu", RELU));

  private final UnaryOperator<Tensor> function;

  Activation(UnaryOperator<Tensor> function) {
    this.function = function;
  }

  Tensor apply(Tensor x) {
    return function.apply(x);
  }

  /** The activation that transformers calls {@code name}. */
  static Optional<Activation> named(String name) {
    return Optional.ofNullable(NAMES.get(name));
  }

  /** The names known, for messages. */
  static String names() {
    return String.join(", ", NAMES.keySet());
  }
}
