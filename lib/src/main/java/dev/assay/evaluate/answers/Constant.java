package dev.assay.evaluate.answers;

import java.util.Arrays;

/** Whether values differ by more than the rounding of what computed them. */
public final class Constant {
  /**
   * Eight units in the last place of single precision, which models compute in: outputs of one
   * value come out that far apart where batches are of other sizes.
   */
  private static final double ROUNDING = 8 * 0x1p-23;

  private Constant() {}

  /**
   * Whether max − min is at most 8·2⁻²³ of the largest magnitude. Also for none or one; not where a
   * value is NaN or infinite.
   */
  public static boolean is(double[] values) {
    double low = Arrays.stream(values).min().orElse(0);
    double high = Arrays.stream(values).max().orElse(0);
    double spread = high - low;
    return Double.isFinite(spread) && spread <= ROUNDING * Math.max(Math.abs(low), Math.abs(high));
  }
}
