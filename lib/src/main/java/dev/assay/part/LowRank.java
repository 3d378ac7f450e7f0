package dev.assay.part;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.linalg.Blas;
import dev.assay.tensor.Matrix;
import java.util.ArrayList;
import java.util.List;

/**
 * A product L·R of two compressed matrices, L out × r and R r × in.
 *
 * @param left L
 * @param right R
 */
public record LowRank(CompressedMatrix left, CompressedMatrix right) implements Part {
  @Override
  public ObjectNode description() {
    ObjectNode description = Artifact.describe("low-rank");
    description.set("left", Artifact.describe(left));
    description.set("right", Artifact.describe(right));
    return description;
  }

  @Override
  public void applyTo(Matrix target) {
    float[] product = Blas.multiply(left.decode(), right.decode()).data();
    float[] out = target.data();
    for (int i = 0; i < out.length; i++) {
      out[i] += product[i];
    }
  }

  @Override
  public List<Payload> payload() {
    List<Payload> tensors = new ArrayList<>();
    left.payload().forEach(tensor -> tensors.add(tensor.within("left")));
    right.payload().forEach(tensor -> tensors.add(tensor.within("right")));
    return tensors;
  }

  @Override
  public long bytes() {
    return left.bytes() + right.bytes();
  }
}
