package dev.assay.model;

import org.bytedeco.pytorch.Tensor;

/** Rounds the activations that enter a matrix, as a recipe with activation bits prescribes. */
@FunctionalInterface
public interface ActivationQuantizer {
  /** Leaves them as they are. */
  ActivationQuantizer NONE = input -> input;

  /**
   * Rounds {@code input}, … × in, and returns a tensor of its shape; must not change it in place.
   * Tensors it makes are freed behind the layer.
   */
  Tensor quantize(Tensor input);
}
