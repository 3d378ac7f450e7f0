package dev.assay.model;

import org.bytedeco.pytorch.Tensor;

/**
 * Sees, and may change, what enters each linear of a model: to record it, to quantize it, to put
 * something else in its place.
 *
 * <p>{@link #enter} is called once per linear and batch on the thread that runs the batch. Every
 * tensor it makes is freed behind the layer unless it calls {@code retainReference()} on it, which
 * makes it its own to release; numbers that must outlive the batch are better copied out.
 */
@FunctionalInterface
public interface Tap {
  /** Changes nothing. */
  Tap NONE = (linear, input, mask) -> input;

  /**
   * Called before a linear computes.
   *
   * @param linear name of its weight in the checkpoint, {@code
   *     bert.encoder.layer.0.attention.self.query.weight}
   * @param input batch × tokens × in; behind the pooling, in the heads, batch × in
   * @param mask batch × tokens, true where there is a token and false where there is padding
   * @return what the linear is to compute on: {@code input}, or a tensor of the same shape
   */
  Tensor enter(String linear, Tensor input, Tensor mask);

  /**
   * Called when a linear has computed.
   *
   * @param linear name of its weight in the checkpoint
   * @param output batch × tokens × out; in the heads batch × out
   */
  default void leave(String linear, Tensor output) {}
}
