package dev.assay.recipe.quantize;

import dev.assay.config.Settings;
import java.io.Serializable;

/**
 * Whether scales and zero points are quantized themselves (SpQR): codes on a {@link
 * Uniform#MIN_MAX} grid of their own for the granules of some consecutive output rows in one group
 * of columns.
 *
 * @param scales bits of a scale's code; 0 where scales are stored as they are
 * @param zeros bits of a zero point's code; 0 where zero points are stored as they are
 * @param rows output rows that share a second-level scale and zero point
 */
public record ScaleBits(int scales, int zeros, int rows) implements Serializable {
  /** Scales and zero points are stored as they are. */
  public static final ScaleBits NONE = new ScaleBits(0, 0, 1);

  private static final int ROWS = 16;

  static ScaleBits read(Settings settings) {
    int scales = settings.given("scale-bits") ? settings.integer("scale-bits", 2, 8) : 0;
    int zeros = settings.given("zero-bits") ? settings.integer("zero-bits", 2, 8) : 0;
    int rows = settings.integer("second-level-rows", ROWS, 1, 1 << 20);
    return scales + zeros == 0 ? NONE : new ScaleBits(scales, zeros, rows);
  }

  boolean any() {
    return scales > 0 || zeros > 0;
  }
}
