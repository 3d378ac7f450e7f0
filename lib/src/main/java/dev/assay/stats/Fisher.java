package dev.assay.stats;

import dev.assay.linalg.Symmetric;
import dev.assay.tensor.Matrix;

/**
 * The empirical Fisher information of one weight W (out × in) under a task's loss: what per-example
 * loss gradients Gᵢ = ∂ℓᵢ/∂W say. With token inputs x and output gradients g, Gᵢ = Σ g·xᵀ.
 *
 * @param examples number of examples n
 * @param diagonal (1/n)·Σᵢ Gᵢ² entry by entry, out × in
 * @param input Σ x·xᵀ over tokens, in × in: the input side of the Kronecker factorization
 * @param output Σ g·gᵀ over tokens, out × out: its output side
 */
public record Fisher(long examples, Matrix diagonal, Symmetric input, Symmetric output) {
  /** Sums of the diagonal over the inputs, one per output. */
  public double[] rowSums() {
    double[] sums = new double[diagonal.rows()];
    for (int i = 0, at = 0; i < sums.length; i++) {
      for (int j = 0; j < diagonal.cols(); j++, at++) {
        sums[i] += diagonal.data()[at];
      }
    }
    return sums;
  }

  /** Sums of the diagonal over the outputs, one per input. */
  public double[] columnSums() {
    double[] sums = new double[diagonal.cols()];
    for (int i = 0, at = 0; i < diagonal.rows(); i++) {
      for (int j = 0; j < sums.length; j++, at++) {
        sums[j] += diagonal.data()[at];
      }
    }
    return sums;
  }
}
