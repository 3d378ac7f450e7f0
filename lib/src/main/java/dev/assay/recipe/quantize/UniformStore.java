package dev.assay.recipe.quantize;

import dev.assay.part.Levels;
import dev.assay.part.Reals;
import dev.assay.part.SecondLevel;
import dev.assay.part.UniformLevels;
import dev.assay.recipe.UnfitException;
import dev.assay.tensor.DType;

/**
 * Scales and zero points on their way to storage. A scale below what its type can hold is 0, and
 * with it all that its granule decodes to.
 */
final class UniformStore implements LevelStore {
  private final UniformQuantizer how;
  private final int groups;
  private final int count;
  private final float[] scale;
  private final float[] zero;
  private final Level scales;
  private final Level zeros;

  UniformStore(UniformQuantizer how, int groups, int count) {
    this.how = how;
    this.groups = groups;
    this.count = count;
    this.scale = new float[count];
    this.zero = new float[count];
    ScaleBits second = how.second();
    this.scales = new Level(second.scales(), second.rows(), how.scaleType());
    this.zeros = new Level(second.zeros(), second.rows(), how.zeroType().real().orElse(DType.F32));
  }

  @Override
  public Fit[] settle(int group, Fit[] exact) {
    float[] scaled = new float[exact.length];
    float[] zeroed = new float[exact.length];
    for (int row = 0; row < exact.length; row++) {
      UniformFit fit = (UniformFit) exact[row];
      scaled[row] = fit.scale();
      zeroed[row] = fit.zero();
    }
    scales.store(group, scaled, "scale-type");
    if (how.uniform().realZero()) {
      zeros.store(group, zeroed, "zero-type");
    }
    Fit[] stored = new Fit[exact.length];
    for (int row = 0; row < exact.length; row++) {
      scale[row * groups + group] = scaled[row];
      zero[row * groups + group] = zeroed[row];
      stored[row] = how.uniform().fitted(how.bits(), scaled[row], zeroed[row]);
      if (how.second().scales() == 0) {
        checkUnderflow((UniformFit) exact[row], scaled[row], how.scaleType(), "scale-type");
      }
    }
    return stored;
  }

  /** A range that holds 0 may become 0 with its scale; one that lies elsewhere must not. */
  private static void checkUnderflow(UniformFit exact, float stored, DType type, String key) {
    int top = exact.levels().top(exact.bits());
    boolean away = exact.zero() < 0 || exact.zero() > top;
    float farthest = Math.max(Math.abs(exact.decode(0)), Math.abs(exact.decode(top)));
    if (stored == 0 && exact.scale() != 0 && away && type.round(farthest) != 0) {
      throw lost(exact.scale(), type, key);
    }
  }

  private static UnfitException lost(float value, DType type, String key) {
    return new UnfitException(
        (key.equals("scale-type") ? "A scale of " : "A zero point of ")
            + value
            + " cannot be stored as "
            + type.label()
            + "; use "
            + key
            + " = f32");
  }

  @Override
  public Levels levels() {
    UniformLevels.Zeros stored;
    if (how.uniform().symmetric()) {
      stored = new UniformLevels.Zeros.Implied(how.uniform().impliedZero(how.bits()));
    } else if (how.second().zeros() > 0) {
      stored = new UniformLevels.Zeros.Real(zeros.stored(zero), how.zeroType());
    } else {
      stored = UniformLevels.Zeros.stored(zero, how.zeroType());
    }
    return new UniformLevels(scales.stored(scale), stored);
  }

  /** Scales or zero points: rounded to a type, or quantized with a scale and zero of that type. */
  private final class Level {
    private final int bits;
    private final int share;
    private final DType type;
    private final byte[] codes;
    private final float[] scale;
    private final float[] zero;

    Level(int bits, int share, DType type) {
      this.bits = bits;
      this.share = share;
      this.type = type;
      boolean second = bits > 0;
      int shares = second ? (count / groups + share - 1) / share * groups : 0;
      this.codes = new byte[second ? count : 0];
      this.scale = new float[shares];
      this.zero = new float[shares];
    }

    /** Replaces the numbers of a group's granules by what is stored for them. */
    void store(int group, float[] numbers, String key) {
      if (bits == 0) {
        for (int i = 0; i < numbers.length; i++) {
          numbers[i] = rounded(numbers[i], key);
        }
        return;
      }
      for (int from = 0; from < numbers.length; from += share) {
        int to = Math.min(from + share, numbers.length);
        float lo = numbers[from];
        float hi = numbers[from];
        for (int i = from; i < to; i++) {
          lo = Math.min(lo, numbers[i]);
          hi = Math.max(hi, numbers[i]);
        }
        UniformFit exact = Uniform.MIN_MAX.fit(lo, hi, bits);
        UniformFit fit =
            Uniform.MIN_MAX.fitted(bits, rounded(exact.scale(), key), rounded(exact.zero(), key));
        checkUnderflow(exact, fit.scale(), type, key);
        int at = from / share * groups + group;
        scale[at] = fit.scale();
        zero[at] = fit.zero();
        for (int i = from; i < to; i++) {
          int code = fit.code(numbers[i]);
          codes[i * groups + group] = (byte) code;
          numbers[i] = fit.decode(code);
        }
      }
    }

    private float rounded(float value, String key) {
      float rounded = type.round(value);
      if (Float.isInfinite(rounded)) {
        throw lost(value, type, key);
      }
      return rounded;
    }

    Reals stored(float[] numbers) {
      return bits == 0
          ? Reals.stored(numbers, type)
          : new SecondLevel(groups, share, bits, codes, scale, type, zero, type);
    }
  }
}
