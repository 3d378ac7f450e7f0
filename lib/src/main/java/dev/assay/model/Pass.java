package dev.assay.model;

import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * One batch on its way through a model. Its tensors belong to the pointer scope in which it was
 * made.
 *
 * @param ids batch × tokens
 * @param types batch × tokens
 * @param positions 0, 1, …, tokens − 1
 * @param mask batch × tokens, false at padding
 * @param attention the mask as attention wants it, batch × 1 × 1 × tokens; absent where no row is
 *     padded
 */
record Pass(
    Tensor ids,
    Tensor types,
    Tensor positions,
    Tensor mask,
    TensorOptional attention,
    DoubleOptional scale,
    Tap tap,
    Dropout dropout) {

  static Pass of(Batch batch, Tap tap) {
    return of(batch, tap, Dropout.NONE);
  }

  static Pass of(Batch batch, Tap tap, Dropout dropout) {
    long rows = batch.rows();
    long tokens = batch.tokens();
    long[] positions = new long[batch.tokens()];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = i;
    }
    Tensor mask = AbstractTensor.create(batch.mask(), rows, tokens);
    TensorOptional attention =
        batch.isPadded() ? new TensorOptional(mask.view(rows, 1, 1, tokens)) : new TensorOptional();
    return new Pass(
        AbstractTensor.create(batch.ids(), rows, tokens),
        AbstractTensor.create(batch.types(), rows, tokens),
        AbstractTensor.create(positions, tokens),
        mask,
        attention,
        new DoubleOptional(),
        tap,
        dropout);
  }

  /** What is left of numbers while the model learns; all of them otherwise. */
  Tensor drop(Tensor x) {
    return dropout.apply(x);
  }

  /**
   * softmax(Q·Kᵀ/√d)·V per head, over the tokens that are no padding.
   *
   * @param query batch × tokens × width, and so the others and the result
   */
  Tensor attend(Tensor query, Tensor key, Tensor value, long heads) {
    if (dropout.drops()) {
      return attendWithDropout(query, key, value, heads);
    }
    Tensor context =
        torch.scaled_dot_product_attention(
            split(query, heads),
            split(key, heads),
            split(value, heads),
            attention,
            0.0,
            false,
            scale,
            false);
    return context.transpose(1, 2).reshape(query.size(0), query.size(1), query.size(2));
  }

  /** Spelled out, for the fused function drops by a generator that threads share. */
  private Tensor attendWithDropout(Tensor query, Tensor key, Tensor value, long heads) {
    double root = Math.sqrt((double) query.size(2) / heads);
    Tensor scores =
        split(query, heads).matmul(split(key, heads).transpose(2, 3)).div(new Scalar(root));
    Tensor hidden = mask.logical_not().view(mask.size(0), 1, 1, mask.size(1));
    Tensor weights =
        torch.softmax(scores.masked_fill(hidden, new Scalar(Double.NEGATIVE_INFINITY)), 3);
    Tensor context = drop(weights).matmul(split(value, heads));
    return context.transpose(1, 2).reshape(query.size(0), query.size(1), query.size(2));
  }

  private static Tensor split(Tensor x, long heads) {
    return x.view(x.size(0), x.size(1), heads, x.size(2) / heads).transpose(1, 2);
  }

  /**
   * Runs a layer and frees all that it made, but its result, which goes to the scope around this
   * call.
   */
  static Tensor scoped(Supplier<Tensor> layer) {
    Tensor result;
    try (PointerScope scope = new PointerScope()) {
      result = layer.get();
      result.retainReference();
    }
    PointerScope.getInnerScope().attach(result);
    result.releaseReference();
    return result;
  }
}
