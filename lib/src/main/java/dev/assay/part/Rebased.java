package dev.assay.part;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.tensor.Matrix;
import java.util.ArrayList;
import java.util.List;

/**
 * A compressed matrix in another basis of its input, Ŵ = Ŵ′·T⁻¹, with the basis change counted.
 *
 * @param inner Ŵ′, out × in
 * @param change T
 */
public record Rebased(CompressedMatrix inner, BasisChange change) implements Part {
  @Override
  public void applyTo(Matrix target) {
    float[] restored = change.back(inner.decode()).data();
    float[] out = target.data();
    for (int i = 0; i < out.length; i++) {
      out[i] += restored[i];
    }
  }

  @Override
  public List<Payload> payload() {
    List<Payload> tensors = new ArrayList<>();
    inner.payload().forEach(tensor -> tensors.add(tensor.within("inner")));
    change.payload().forEach(tensor -> tensors.add(tensor.within("change")));
    return tensors;
  }

  @Override
  public ObjectNode description() {
    ObjectNode description = Artifact.describe("rebased");
    description.set("inner", Artifact.describe(inner));
    description.set("change", change.description());
    return description;
  }

  @Override
  public long bytes() {
    return inner.bytes() + change.bytes();
  }
}
