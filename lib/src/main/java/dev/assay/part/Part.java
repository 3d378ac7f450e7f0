package dev.assay.part;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.tensor.Matrix;
import java.io.Serializable;
import java.util.List;

/**
 * One thing stored for a compressed matrix. The matrix is its parts applied in order to zeros: most
 * add to what is there, an {@link Overlay} replaces single entries.
 *
 * <p>A part holds its numbers as they are stored, so decoding goes through the storage types, and
 * its size is the size of what would be written.
 */
public interface Part extends Serializable {
  /** Applies this part to {@code target} (out × in), in place. */
  void applyTo(Matrix target);

  /** The tensors that storing this part takes, names relative to the part. */
  List<Payload> payload();

  /** What {@link Artifact} needs beside the payload to read the part back. */
  ObjectNode description();

  /** Size of {@link #payload()} in bytes, without making it. */
  long bytes();
}
