package dev.assay.plan.allocate;

import dev.assay.plan.Cell;

/**
 * A measured cell that its unit may get.
 *
 * @param cell the cell
 * @param bytes what it stores
 * @param loss what it costs, at least 0 and finite
 */
public record Choice(Cell cell, long bytes, double loss) {
  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if the loss is negative or no number, or bytes are negative
   */
  public Choice {
    if (!(loss >= 0) || loss == Double.POSITIVE_INFINITY || bytes < 0) {
      throw new IllegalArgumentException(bytes + " bytes at a loss of " + loss);
    }
  }
}
