package dev.assay.family;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A function between linears, element by element. */
public enum Activation {
  /** x·Φ(x), with the exact Gaussian distribution function (Hendrycks and Gimpel, 2016). */
  GELU("gelu"),
  /** GELU with Φ approximated by tanh(√(2/π)·(x + 0.044715·x³)). */
  GELU_TANH("gelu_new"),
  /** max(x, 0). */
  RELU("relu"),
  /** x·σ(x), with the logistic function (Elfwing et al., 2017). */
  SILU("silu"),
  /** tanh x. */
  TANH("tanh");

  private static final Map<String, Activation> NAMES = names();

  private final String id;

  Activation(String id) {
    this.id = id;
  }

  private static Map<String, Activation> names() {
    Map<String, Activation> names = new TreeMap<>();
    for (Activation activation : values()) {
      names.put(activation.id, activation);
    }
    names.put("gelu_pytorch_tanh", GELU_TANH);
    names.put("swish", SILU);
    return names;
  }

  /** The name that Transformers knows it by. */
  public String id() {
    return id;
  }

  /** The activation that Transformers calls {@code name}. */
  static Optional<Activation> named(String name) {
    return Optional.ofNullable(NAMES.get(name));
  }

  /** The names known, for messages. */
  static String known() {
    return String.join(", ", NAMES.keySet());
  }
}
