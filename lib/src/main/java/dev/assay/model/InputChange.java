package dev.assay.model;

import dev.assay.part.BasisChange;
import dev.assay.part.ChannelScale;
import dev.assay.part.Rotation;
import dev.assay.tensor.Matrix;
import java.util.List;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * x′ = T⁻¹·x on tensors, … × in, for one change T of the input's basis. What it needs of T is
 * copied at every call, which is little beside the product that follows.
 */
@FunctionalInterface
interface InputChange {
  Tensor apply(Tensor input);

  /** The change {@code change} of {@code width} channels. */
  static InputChange of(BasisChange change, int width) {
    if (change instanceof ChannelScale scale) {
      float[] scales = scale.scales();
      return input -> input.div(AbstractTensor.create(scales, width));
    }
    if (change instanceof Rotation rotation) {
      return rotation(rotation, width);
    }
    return dense(change, width);
  }

  /** The rows x·(F₁ ⊗ F₂ ⊗ …), factor by factor: n·ΣFᵢ operations per row. */
  private static InputChange rotation(Rotation rotation, int width) {
    float[] signs = rotation.signs();
    List<Matrix> factors = rotation.factors().stream().map(Matrix::transpose).toList();
    return input -> {
      long[] shape = shape(input);
      Tensor x = input.mul(AbstractTensor.create(signs, width));
      int behind = width;
      for (Matrix transposed : factors) {
        int order = transposed.rows();
        behind /= order;
        Tensor factor = AbstractTensor.create(transposed.data(), order, order);
        x = torch.matmul(factor, x.reshape(-1, order, behind));
      }
      return x.reshape(shape);
    };
  }

  /** X·T⁻ᵀ by the matrix itself, n² operations per row, for changes without a faster way. */
  private static InputChange dense(BasisChange change, int width) {
    Matrix identity = Matrix.zeros(width, width);
    for (int i = 0; i < width; i++) {
      identity.data()[i * width + i] = 1;
    }
    float[] matrix = change.inputs(identity).data();
    return input -> torch.matmul(input, AbstractTensor.create(matrix, width, width));
  }

  private static long[] shape(Tensor tensor) {
    long[] shape = new long[(int) tensor.dim()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = tensor.size(i);
    }
    return shape;
  }
}
