package dev.assay.model;

import dev.assay.family.Attention;
import java.util.Optional;
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
 * @param attention what scores are masked by, batch × 1 × 1 × tokens, or what is added to them,
 *     batch × heads × tokens × tokens; absent where neither is needed
 * @param bias what is added to scores, infinite at padding, where anything is
 * @param causal whether a token sees only those before it; padding, behind all, is then not seen
 * @param turn the rotation of queries and keys, where there is one
 */
record Pass(
    Tensor ids,
    Tensor types,
    Tensor positions,
    Tensor mask,
    TensorOptional attention,
    Optional<Tensor> bias,
    boolean causal,
    Optional<Turn> turn,
    DoubleOptional scale,
    Tap tap,
    Dropout dropout) {

  static Pass of(
      Batch batch,
      Tap tap,
      Dropout dropout,
      boolean causal,
      Optional<Tensor> bias,
      Optional<Turn> turn) {
    long rows = batch.rows();
    long tokens = batch.tokens();
    long[] positions = new long[batch.tokens()];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = i;
    }
    Tensor mask = AbstractTensor.create(batch.mask(), rows, tokens);
    Optional<Tensor> seen =
        batch.isPadded() && !causal ? Optional.of(mask.view(rows, 1, 1, tokens)) : Optional.empty();
    Optional<Tensor> added = bias.map(all -> seen.map(only -> unseen(only, all)).orElse(all));
    TensorOptional attention =
        added.or(() -> seen).map(TensorOptional::new).orElseGet(TensorOptional::new);
    return new Pass(
        AbstractTensor.create(batch.ids(), rows, tokens),
        AbstractTensor.create(batch.types(), rows, tokens),
        AbstractTensor.create(positions, tokens),
        mask,
        attention,
        added,
        causal,
        turn,
        new DoubleOptional(),
        tap,
        dropout);
  }

  /** A bias that is infinite where nothing is to be seen. */
  private static Tensor unseen(Tensor seen, Tensor bias) {
    Tensor none = seen.logical_not();
    Tensor zeros = none.to(torch.ScalarType.Float).zero_();
    return zeros.masked_fill(none, new Scalar(Double.NEGATIVE_INFINITY)).add(bias);
  }

  /** What is left of numbers while the model learns; all of them otherwise. */
  Tensor drop(Tensor x) {
    return dropout.apply(x);
  }

  /**
   * softmax(Q·Kᵀ/√d + bias)·V per head, over the tokens that are to be seen.
   *
   * @param query batch × tokens × width of the query heads, and so the result
   * @param key batch × tokens × width of the key heads, and so {@code value}
   */
  Tensor attend(Tensor query, Tensor key, Tensor value, Attention sizes) {
    if (dropout.drops()) {
      return attendWithDropout(query, key, value, sizes.heads());
    }
    Tensor context =
        torch.scaled_dot_product_attention(
            turned(split(query, sizes.heads())),
            turned(split(key, sizes.keyValueHeads())),
            split(value, sizes.keyValueHeads()),
            attention,
            0.0,
            causal,
            scale,
            sizes.heads() != sizes.keyValueHeads());
    return context.transpose(1, 2).reshape(query.size(0), query.size(1), query.size(2));
  }

  private Tensor turned(Tensor x) {
    return turn.isPresent() ? turn.get().apply(x) : x;
  }

  /** Spelled out for encoders, for the fused function drops by a generator that threads share. */
  private Tensor attendWithDropout(Tensor query, Tensor key, Tensor value, long heads) {
    double root = Math.sqrt((double) query.size(2) / heads);
    Tensor scores =
        split(query, heads).matmul(split(key, heads).transpose(2, 3)).div(new Scalar(root));
    Tensor hidden = mask.logical_not().view(mask.size(0), 1, 1, mask.size(1));
    Tensor masked =
        bias.isPresent()
            ? scores.add(bias.get())
            : scores.masked_fill(hidden, new Scalar(Double.NEGATIVE_INFINITY));
    Tensor weights = torch.softmax(masked, 3);
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
