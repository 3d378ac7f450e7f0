package dev.assay.model;

import dev.assay.family.Rotary;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The rotation of queries and keys by their positions: x·cos + (−x₂, x₁)·sin, with x₁ and x₂ the
 * halves of a head.
 *
 * @param cosines tokens × head width
 * @param sines tokens × head width
 */
record Turn(Tensor cosines, Tensor sines) {

  /** For positions 0 to {@code tokens} − 1. Angles are rounded to float, as Transformers does. */
  static Turn of(Rotary rotary, int headWidth, int tokens) {
    float[] frequencies = rotary.frequencies(headWidth);
    int half = frequencies.length;
    float[] cosines = new float[tokens * headWidth];
    float[] sines = new float[tokens * headWidth];
    for (int position = 0; position < tokens; position++) {
      for (int i = 0; i < headWidth; i++) {
        float angle = position * frequencies[i % half];
        cosines[position * headWidth + i] = (float) Math.cos(angle);
        sines[position * headWidth + i] = (float) Math.sin(angle);
      }
    }
    return new Turn(
        AbstractTensor.create(cosines, tokens, headWidth),
        AbstractTensor.create(sines, tokens, headWidth));
  }

  /** Turns batch × heads × tokens × head width. */
  Tensor apply(Tensor x) {
    long half = x.size(3) / 2;
    Tensor turned =
        torch.cat(new TensorVector(x.narrow(3, half, half).neg(), x.narrow(3, 0, half)), 3);
    return x.mul(cosines).add(turned.mul(sines));
  }
}
