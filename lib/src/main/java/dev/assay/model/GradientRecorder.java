package dev.assay.model;

import dev.assay.tensor.Matrix;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Keeps what enters and leaves some linears of one batch, to differentiate by what leaves. No
 * tensor of the model is asked to keep gradients: those of outputs, with the inputs, say all of the
 * weights'.
 */
final class GradientRecorder implements Tap, AutoCloseable {
  private final Set<String> linears;
  private final Batch batch;
  private final Map<String, List<Matrix>> inputs = new LinkedHashMap<>();
  private final Map<String, Tensor> outputs = new LinkedHashMap<>();

  GradientRecorder(Set<String> linears, Batch batch) {
    this.linears = linears;
    this.batch = batch;
  }

  @Override
  public Tensor enter(String linear, Tensor input, Tensor mask) {
    if (linears.contains(linear)) {
      inputs.put(linear, examples(input));
    }
    return input;
  }

  @Override
  public void leave(String linear, Tensor output) {
    if (linears.contains(linear)) {
      output.retainReference();
      outputs.put(linear, output);
    }
  }

  /**
   * Differentiates by what left the linears.
   *
   * @param loss a scalar, the sum of the losses of all examples: none depends on what another's
   *     tokens left
   * @return of every example, by linear
   */
  List<Map<String, TokenGradients>> gradients(Tensor loss) {
    if (!outputs.keySet().containsAll(linears)) {
      throw new IllegalArgumentException(
          "The model has no such linears: " + linears + ", but " + outputs.keySet());
    }
    TensorVector gradients =
        torch.grad(
            new TensorVector(loss), new TensorVector(outputs.values().toArray(Tensor[]::new)));
    List<Map<String, TokenGradients>> all = new ArrayList<>();
    for (int example = 0; example < batch.rows(); example++) {
      all.add(new LinkedHashMap<>());
    }
    int at = 0;
    for (String linear : outputs.keySet()) {
      List<Matrix> entered = inputs.get(linear);
      List<Matrix> left = examples(gradients.get(at++));
      for (int example = 0; example < all.size(); example++) {
        all.get(example).put(linear, new TokenGradients(entered.get(example), left.get(example)));
      }
    }
    return all;
  }

  /** Rows of every example without the padding. */
  private List<Matrix> examples(Tensor values) {
    boolean pooled = values.dim() == 2;
    int width = (int) values.size(pooled ? 1 : 2);
    int rows = pooled ? 1 : batch.tokens();
    FloatPointer data = new FloatPointer(values.contiguous().data_ptr());
    List<Matrix> examples = new ArrayList<>();
    for (int example = 0; example < batch.rows(); example++) {
      int real = pooled ? 1 : batch.length(example);
      float[] numbers = new float[real * width];
      data.position((long) example * rows * width).get(numbers);
      examples.add(Matrix.of(real, width, numbers));
    }
    return examples;
  }

  @Override
  public void close() {
    outputs.values().forEach(Tensor::releaseReference);
    outputs.clear();
  }
}
