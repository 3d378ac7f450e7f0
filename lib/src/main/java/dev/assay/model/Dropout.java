package dev.assay.model;

import java.util.SplittableRandom;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.Tensor;

/**
 * Zeroes numbers at random while a model learns, and scales the others so that the mean stays
 * (Srivastava et al., JMLR 2014). For one thread.
 *
 * <p>The generator is its own, so that what is dropped depends on the seed alone; libtorch's is
 * shared by all threads of the process.
 */
final class Dropout {
  /** Changes nothing. */
  static final Dropout NONE = new Dropout(0, new SplittableRandom(0));

  private final double rate;
  private final SplittableRandom random;

  private Dropout(double rate, SplittableRandom random) {
    this.rate = rate;
    this.random = random;
  }

  /** Drops a share of {@code rate}, from 0 to below 1. */
  static Dropout of(double rate, long seed) {
    return rate == 0 ? NONE : new Dropout(rate, new SplittableRandom(seed));
  }

  /** Whether it does anything. */
  boolean drops() {
    return rate > 0;
  }

  Tensor apply(Tensor x) {
    if (!drops()) {
      return x;
    }
    float kept = (float) (1 / (1 - rate));
    float[] mask = new float[Math.toIntExact(x.numel())];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = random.nextDouble() < rate ? 0 : kept;
    }
    long[] shape = new long[(int) x.dim()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = x.size(i);
    }
    return x.mul(AbstractTensor.create(mask, shape));
  }
}
