package dev.assay.part;

import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
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
