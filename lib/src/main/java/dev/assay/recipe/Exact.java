package dev.assay.recipe;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Shares that users write as decimals, of whole numbers, without binary rounding in between. */
public final class Exact {
  private Exact() {}

  /**
   * ⌊share·of/parts⌋, with the share as the decimal that it was written as: 29 % of 10,000 are
   * 2,900, which in binary floating point they are not.
   *
   * @param share 0 or more
   * @param of 0 or more
   * @param parts what share·of is divided by, 100 for percent
   */
  public static int share(double share, long of, long parts) {
    return BigDecimal.valueOf(share)
        .multiply(BigDecimal.valueOf(of))
        .divide(BigDecimal.valueOf(parts), 0, RoundingMode.FLOOR)
        .min(BigDecimal.valueOf(Integer.MAX_VALUE))
        .intValueExact();
  }
}
