package dev.assay.part;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.util.List;

/** Every entry, as a real number of one type. */
public final class Dense implements Part {
  private static final long serialVersionUID = 1L;

  private final int rows;
  private final int cols;
  private final Numbers values;

  /** Stores {@code matrix} in {@code dtype}, rounding to nearest even. */
  public Dense(Matrix matrix, DType dtype) {
    this.rows = matrix.rows();
    this.cols = matrix.cols();
    this.values = Numbers.stored(matrix.data(), dtype);
  }

  private Dense(int rows, int cols, Numbers values) {
    this.rows = rows;
    this.cols = cols;
    this.values = values;
  }

  static Dense read(
      int rows, int cols, Description description, SafetensorsFile file, String prefix)
      throws IOException {
    Numbers values = Numbers.read(description, file, prefix + "values");
    return new Dense(rows, cols, values.counted((long) rows * cols, description));
  }

  @Override
  public ObjectNode description() {
    return Artifact.describe("dense");
  }

  @Override
  public void applyTo(Matrix target) {
    float[] out = target.data();
    float[] in = values.values();
    for (int i = 0; i < out.length; i++) {
      out[i] += in[i];
    }
  }

  @Override
  public List<Payload> payload() {
    return List.of(values.payload("values", List.of((long) rows, (long) cols)));
  }

  @Override
  public long bytes() {
    return values.bytes();
  }
}
