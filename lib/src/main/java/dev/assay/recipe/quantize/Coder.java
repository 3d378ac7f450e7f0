package dev.assay.recipe.quantize;

import dev.assay.part.Codes;
import dev.assay.part.Granularity;
import dev.assay.part.Reals;
import dev.assay.part.SecondLevel;
import dev.assay.recipe.UnfitException;
import dev.assay.tensor.DType;
import java.util.BitSet;

/**
 * The scales and zero points of one matrix while a stage chooses them. What is rounded for storage
 * is rounded before codes are chosen, so that the codes are the best for what will be read back.
 *
 * <p>Granules are fitted a group of columns at a time, all output rows of it, since these may share
 * a second level.
 */
public final class Coder {
  private final Quantize how;
  private final int rows;
  private final int cols;
  private final int groups;
  private final Grid.Fit[] fits;
  private final Level scales;
  private final Level zeros;

  public Coder(Quantize how, int rows, int cols) {
    this.how = how;
    this.rows = rows;
    this.cols = cols;
    this.groups = how.granularity().granules(1, cols);
    this.fits = new Grid.Fit[how.granularity().granules(rows, cols)];
    ScaleBits second = how.second();
    this.scales = new Level(second.scales(), second.rows(), how.scaleType());
    this.zeros = new Level(second.zeros(), second.rows(), how.zeroType().real().orElse(DType.F32));
  }

  /** Groups of columns: granules in an output row, 1 for the granule that is the whole tensor. */
  public int groups() {
    return groups;
  }

  /** Granules in a group: one per output row, or one for the tensor. */
  public int rows() {
    return rows / height();
  }

  /** Output rows in a granule. */
  public int height() {
    return how.granularity() instanceof Granularity.Tensor ? Math.max(1, rows) : 1;
  }

  /** The first column of a group. */
  public int start(int group) {
    return group * Math.min(cols, how.granularity().span(cols));
  }

  /** One past the last column of a group. */
  public int end(int group) {
    return group == groups - 1 ? cols : start(group + 1);
  }

  /** The scale and zero point of an entry in column {@code col} of output row {@code row}. */
  public Grid.Fit fit(int row, int col) {
    return fits[row / height() * groups + col / how.granularity().span(cols)];
  }

  /** Settles a group of columns, with the fit of each of its {@linkplain #rows() granules}. */
  public void settle(int group, Grid.Fit[] exact) {
    float[] scale = new float[exact.length];
    float[] zero = new float[exact.length];
    for (int row = 0; row < exact.length; row++) {
      scale[row] = exact[row].scale();
      zero[row] = exact[row].zero();
    }
    scales.store(group, scale, "scale-type");
    if (how.grid().realZero()) {
      zeros.store(group, zero, "zero-type");
    }
    for (int row = 0; row < exact.length; row++) {
      if (scale[row] == 0 && exact[row].scale() != 0 && how.second().scales() == 0) {
        throw lost(exact[row].scale(), how.scaleType(), "scale-type");
      }
      fits[row * groups + group] = new Grid.Fit(scale[row], zero[row]);
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

  /**
   * What is stored once every group is settled.
   *
   * @param codes one per entry, row-major
   * @param pruned entries that have no code
   */
  public Codes codes(byte[] codes, BitSet pruned) {
    float[] scale = new float[fits.length];
    float[] zero = new float[fits.length];
    for (int granule = 0; granule < fits.length; granule++) {
      scale[granule] = fits[granule].scale();
      zero[granule] = fits[granule].zero();
    }
    Codes.Zeros stored;
    if (how.grid().symmetric()) {
      stored = new Codes.Zeros.Implied(how.grid().impliedZero(how.bits()));
    } else if (how.second().zeros() > 0) {
      stored = new Codes.Zeros.Real(zeros.stored(zero), how.zeroType());
    } else {
      stored = Codes.Zeros.stored(zero, how.zeroType());
    }
    return new Codes(
        rows, cols, how.bits(), how.granularity(), codes, pruned, scales.stored(scale), stored);
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
      int shares = second ? (rows() + share - 1) / share * groups : 0;
      this.codes = new byte[second ? fits.length : 0];
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
        Grid.Fit exact = Grid.MIN_MAX.fit(lo, hi, bits);
        Grid.Fit fit = new Grid.Fit(rounded(exact.scale(), key), rounded(exact.zero(), key));
        if (fit.scale() == 0 && exact.scale() != 0) {
          throw lost(exact.scale(), type, key);
        }
        int at = from / share * groups + group;
        scale[at] = fit.scale();
        zero[at] = fit.zero();
        for (int i = from; i < to; i++) {
          int code = Grid.MIN_MAX.code(numbers[i], fit, bits);
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
