package dev.assay.part;

import dev.assay.tensor.Matrix;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * What a recipe made of one weight: parts that decode to the effective weight Ŵ (out × in) and
 * whose stored bytes are its size. Nothing else about the method survives here.
 *
 * @param rows out
 * @param cols in
 * @param parts in the order in which they apply
 * @param rounding what happens to the input at run time; it is no part of Ŵ and takes no storage
 */
public record CompressedMatrix(int rows, int cols, List<Part> parts, InputRounding rounding)
    implements Serializable {
  public CompressedMatrix {
    parts = List.copyOf(parts);
  }

  /** A matrix whose input stays as it is. */
  public CompressedMatrix(int rows, int cols, List<Part> parts) {
    this(rows, cols, parts, new InputRounding.None());
  }

  /** The effective weight Ŵ. */
  public Matrix decode() {
    Matrix decoded = Matrix.zeros(rows, cols);
    for (Part part : parts) {
      part.applyTo(decoded);
    }
    return decoded;
  }

  /** Everything that storing this matrix takes; names are unique. */
  public List<Payload> payload() {
    List<Payload> tensors = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      String prefix = Integer.toString(i);
      parts.get(i).payload().forEach(tensor -> tensors.add(tensor.within(prefix)));
    }
    return tensors;
  }

  /** Stored size: the payload's bytes. */
  public long bytes() {
    return parts.stream().mapToLong(Part::bytes).sum();
  }

  /** Effective bits per weight: stored bits over the number of entries of W. */
  public double effectiveBits() {
    return 8.0 * bytes() / ((double) rows * cols);
  }
}
