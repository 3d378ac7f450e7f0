package dev.assay.family;

import java.util.Set;

/**
 * A family whose models do not run here. Its 2-D tensors can be compressed, and the names of many
 * are known.
 *
 * @param type {@code model_type}, or {@code unknown}
 */
record Unknown(String type) implements Family {
  /** Built on Conv1D like GPT-2. */
  private static final Set<String> CONV1D =
      Set.of("openai-gpt", "imagegpt", "decision_transformer");

  @Override
  public boolean storesInOut(String tensorName) {
    return CONV1D.contains(type) && Gpt2.isConv1d(tensorName);
  }
}
