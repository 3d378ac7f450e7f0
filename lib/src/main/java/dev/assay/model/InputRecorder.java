package dev.assay.model;

import dev.assay.tensor.Matrix;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;

/** Keeps what enters some linears of one batch, without the padding. Changes nothing. */
public final class InputRecorder implements Tap {
  private final Set<String> linears;
  private final Batch batch;
  private final Map<String, Matrix> recorded = new LinkedHashMap<>();

  /**
   * Keeps nothing yet.
   *
   * @param linears names of their weights in the checkpoint
   * @param batch what the model will be run on
   */
  public InputRecorder(Set<String> linears, Batch batch) {
    this.linears = Set.copyOf(linears);
    this.batch = batch;
  }

  @Override
  public Tensor enter(String linear, Tensor input, Tensor mask) {
    if (linears.contains(linear)) {
      int width = (int) input.size(2);
      float[] data = new float[batch.rows() * batch.tokens() * width];
      new FloatPointer(input.contiguous().data_ptr()).get(data);
      recorded.put(linear, batch.withoutPadding(Matrix.of(data.length / width, width, data)));
    }
    return input;
  }

  /** What entered each linear, real tokens × in. */
  public Map<String, Matrix> recorded() {
    return recorded;
  }
}
