package dev.assay.model;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * What the losses of some examples say of a model's parameters. Native memory, 4 bytes a parameter,
 * until a step is made of it or {@link #close}.
 */
public final class Gradient implements AutoCloseable {
  private final double loss;
  private final int examples;
  private final TensorVector tensors;

  /** Takes over {@code tensors}, in the order of the parameters. */
  Gradient(double loss, int examples, TensorVector tensors) {
    this.loss = loss;
    this.examples = examples;
    this.tensors = tensors;
  }

  /** Sum of the examples' losses. */
  public double loss() {
    return loss;
  }

  /** Number of examples. */
  public int examples() {
    return examples;
  }

  /** Number of parameters. */
  int size() {
    return Math.toIntExact(tensors.size());
  }

  /** The gradient by a parameter, of its shape. */
  Tensor of(int parameter) {
    return tensors.get(parameter);
  }

  @Override
  public void close() {
    tensors.releaseReference();
  }
}
