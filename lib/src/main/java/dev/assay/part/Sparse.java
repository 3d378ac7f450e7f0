package dev.assay.part;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;

/**
 * Real numbers at some positions and nothing at the others, stored as one bit per entry of the
 * matrix and one number per kept entry. For 2:4 that is the published format's size: two bits for
 * the position of every kept value.
 */
public final class Sparse implements Part {
  private static final long serialVersionUID = 1L;

  private final Mask mask;
  private final Numbers values;

  /**
   * Keeps the entries of {@code matrix} that {@code pruned} does not name.
   *
   * @param pruned row-major indices of what is left out
   * @param type what values are stored in
   */
  public Sparse(Matrix matrix, BitSet pruned, DType type) {
    this.mask = Mask.without(pruned, matrix.size());
    this.values = Numbers.stored(mask.pick(matrix.data()), type);
  }

  private Sparse(Mask mask, Numbers values) {
    this.mask = mask;
    this.values = values;
  }

  static Sparse read(
      int rows, int cols, Description description, SafetensorsFile file, String prefix)
      throws IOException {
    Mask mask = Mask.read(description, file, prefix, Math.multiplyExact(rows, cols));
    Numbers values = Numbers.read(description, file, prefix + "values");
    return new Sparse(mask, values.counted(mask.count(), description));
  }

  @Override
  public ObjectNode description() {
    return Artifact.describe("sparse");
  }

  @Override
  public void applyTo(Matrix target) {
    float[] out = target.data();
    int at = 0;
    for (int index : mask.kept()) {
      out[index] += values.at(at++);
    }
  }

  @Override
  public List<Payload> payload() {
    return List.of(mask.payload(), values.payload("values", List.of((long) values.count())));
  }

  @Override
  public long bytes() {
    return mask.bytes() + values.bytes();
  }
}
