package dev.assay.part;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.linalg.Symmetric;
import dev.assay.tensor.Matrix;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/**
 * An invertible change T (in × in) of the basis of a linear's input: x′ = T⁻¹·x and W′ = W·T, so
 * that W′·x′ = W·x.
 */
public sealed interface BasisChange extends Serializable
    permits ChannelScale, Permutation, Rotation {
  /** W·T of an out × in weight, as a new matrix. */
  Matrix into(Matrix weight);

  /** W′·T⁻¹, as a new matrix. */
  Matrix back(Matrix weight);

  /** T⁻¹·H·T⁻ᵀ: H = XᵀX of the inputs in the new basis. */
  Symmetric carry(Symmetric hessian);

  /** X·T⁻ᵀ: inputs, tokens × in, in the new basis. */
  Matrix inputs(Matrix rows);

  /**
   * A mean or maximum of |xⱼ| of every channel in the new basis, from the same in the old one;
   * empty where it does not follow.
   */
  Optional<double[]> carryAbsolute(double[] channels);

  /** The tensors that storing the change takes, names relative to the part. */
  List<Payload> payload();

  /** What {@link Artifact} needs beside the payload to read the change back. */
  ObjectNode description();

  /** Size of {@link #payload()} in bytes, without making it. */
  long bytes();
}
