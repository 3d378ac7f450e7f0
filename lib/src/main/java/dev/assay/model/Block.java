package dev.assay.model;

import org.bytedeco.pytorch.Tensor;

/** One block of a BERT-family encoder: attention, then two linears, a norm behind either sum. */
record Block(
    EffectiveLinear query,
    EffectiveLinear key,
    EffectiveLinear value,
    EffectiveLinear output,
    LayerNorm attentionNorm,
    EffectiveLinear up,
    EffectiveLinear down,
    LayerNorm outputNorm,
    int heads,
    Activation activation) {

  Tensor apply(Tensor x, Pass pass) {
    Tensor context =
        pass.attend(query.apply(x, pass), key.apply(x, pass), value.apply(x, pass), heads);
    Tensor attended = attentionNorm.apply(pass.drop(output.apply(context, pass)).add(x));
    Tensor wide = activation.apply(up.apply(attended, pass));
    return outputNorm.apply(pass.drop(down.apply(wide, pass)).add(attended));
  }
}
