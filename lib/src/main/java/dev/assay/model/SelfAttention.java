package dev.assay.model;

import dev.assay.family.Attention;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention of a text's tokens to each other, between its linears.
 *
 * @param inputs the linears of query, key and value; or one that makes all three, one behind the
 *     other
 * @param output the linear behind it
 */
record SelfAttention(List<EffectiveLinear> inputs, EffectiveLinear output, Attention sizes) {

  Tensor apply(Tensor x, Pass pass) {
    if (inputs.size() > 1) {
      return output.apply(
          pass.attend(
              inputs.get(0).apply(x, pass),
              inputs.get(1).apply(x, pass),
              inputs.get(2).apply(x, pass),
              sizes),
          pass);
    }
    Tensor all = inputs.get(0).apply(x, pass);
    long queries = sizes.width();
    long keys = sizes.keyValueWidth();
    return output.apply(
        pass.attend(
            all.narrow(2, 0, queries),
            all.narrow(2, queries, keys),
            all.narrow(2, queries + keys, keys),
            sizes),
        pass);
  }
}
