package dev.assay.model;

import dev.assay.family.Distances;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What attention's scores are changed by for the distance of two tokens, in all blocks.
 *
 * @param table buckets of distances × heads
 */
record Bias(Tensor table) {

  /** The changes among {@code tokens} tokens, 1 × heads × tokens (queries) × tokens (keys). */
  Tensor of(int tokens) {
    int buckets = (int) table.size(0);
    long[] indices = new long[tokens * tokens];
    for (int query = 0; query < tokens; query++) {
      for (int key = 0; key < tokens; key++) {
        indices[query * tokens + key] = Distances.bucket(key - query, buckets);
      }
    }
    Tensor looked = torch.embedding(table, AbstractTensor.create(indices, tokens, tokens));
    return looked.permute(2, 0, 1).unsqueeze(0).contiguous();
  }
}
