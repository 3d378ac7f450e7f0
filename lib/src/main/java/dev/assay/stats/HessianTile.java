package dev.assay.stats;

import dev.assay.linalg.Blas;
import dev.assay.tensor.Matrix;

/**
 * Gathers some rows of H = XᵀX, block by block, in double, in the order in which blocks are added.
 * Not for several threads.
 *
 * <p>Memory is 16 bytes per entry of the tile; a block costs 2·tokens·in operations for each row.
 */
public final class HessianTile {
  private final int from;
  private final int to;
  private final double[] sum;

  /**
   * Gathers nothing yet.
   *
   * @param width channels of the input
   * @param from index of the tile's first row of H
   * @param to index behind its last
   */
  public HessianTile(int width, int from, int to) {
    this.from = from;
    this.to = to;
    this.sum = new double[Math.multiplyExact(to - from, width)];
  }

  /**
   * Adds the next tokens.
   *
   * @param rows tokens × in
   */
  public void add(Matrix rows) {
    double[] more = Blas.gram(rows, from, to);
    for (int i = 0; i < sum.length; i++) {
      sum[i] += more[i];
    }
  }

  /** The rows gathered, (to − from) × in, shared with this tile. */
  public double[] data() {
    return sum;
  }
}
