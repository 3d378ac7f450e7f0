package dev.assay.model;

import dev.assay.tensor.Matrix;

/**
 * One matrix of the chain that stands for a weight.
 *
 * @param matrix out × in
 * @param quantizer what happens to its input
 */
public record Link(Matrix matrix, ActivationQuantizer quantizer) {

  /** A matrix whose input stays as it is. */
  public static Link of(Matrix matrix) {
    return new Link(matrix, ActivationQuantizer.NONE);
  }
}
