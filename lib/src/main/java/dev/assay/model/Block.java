package dev.assay.model;

import dev.assay.family.Blocks;
import org.bytedeco.pytorch.Tensor;

/** One block: attention, then a feed-forward layer, each added to what it reads. */
record Block(
    Blocks.Order order,
    SelfAttention attention,
    Norm attentionNorm,
    FeedForward feedForward,
    Norm feedForwardNorm) {

  Tensor apply(Tensor x, Pass pass) {
    return switch (order) {
      case POST_NORM -> {
        Tensor attended = attentionNorm.apply(pass.drop(attention.apply(x, pass)).add(x));
        yield feedForwardNorm.apply(pass.drop(feedForward.apply(attended, pass)).add(attended));
      }
      case PRE_NORM -> {
        Tensor attended = x.add(pass.drop(attention.apply(attentionNorm.apply(x), pass)));
        yield attended.add(pass.drop(feedForward.apply(feedForwardNorm.apply(attended), pass)));
      }
    };
  }
}
