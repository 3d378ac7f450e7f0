package dev.assay.stats;

import dev.assay.linalg.Blas;
import dev.assay.linalg.Symmetric;
import dev.assay.part.BasisChange;
import dev.assay.tensor.Matrix;
import java.util.Arrays;

/**
 * What calibration learned about the input X (tokens × in) of one or several linears, padding
 * excluded. Immutable by agreement: nobody writes to the arrays behind it.
 *
 * @param tokens number of tokens N
 * @param meanAbs mean |xⱼ| of every channel, in
 * @param maxAbs max |xⱼ| of every channel, in
 * @param hessian H = XᵀX, in × in, neither damped nor divided by anything; its diagonal is Σxⱼ²
 * @param rows some of the tokens, chosen at random: rows × in
 */
public record InputStatistics(
    long tokens, double[] meanAbs, double[] maxAbs, Symmetric hessian, Matrix rows) {
  /** Checks that all parts are of one width. */
  public InputStatistics {
    int width = hessian.size();
    if (meanAbs.length != width || maxAbs.length != width || rows.cols() != width) {
      throw new IllegalArgumentException(
          "Statistics of different widths: "
              + meanAbs.length
              + ", "
              + maxAbs.length
              + ", "
              + width
              + ", "
              + rows.cols());
    }
  }

  /**
   * Mean |xⱼ| of every channel.
   *
   * @throws UnknownChannelsException in a basis that they could not be carried to
   */
  @Override
  public double[] meanAbs() {
    return known(meanAbs);
  }

  /**
   * Max |xⱼ| of every channel.
   *
   * @throws UnknownChannelsException in a basis that they could not be carried to
   */
  @Override
  public double[] maxAbs() {
    return known(maxAbs);
  }

  private static double[] known(double[] channels) {
    if (channels.length > 0 && Double.isNaN(channels[0])) {
      throw new UnknownChannelsException();
    }
    return channels;
  }

  /** Number of channels, the linear's columns. */
  public int width() {
    return hessian.size();
  }

  /**
   * The statistics of the same input in another basis. H is exact; absolute values do not follow
   * from it and are those of the rows kept here, except that a mere reordering or scaling of
   * channels carries them over exactly.
   */
  public InputStatistics carried(BasisChange change) {
    Matrix moved = change.inputs(rows);
    return new InputStatistics(
        tokens,
        change.carryAbsolute(meanAbs).orElseGet(() -> meanAbsolute(moved)),
        change.carryAbsolute(maxAbs).orElseGet(() -> maxAbsolute(moved)),
        change.carry(hessian),
        moved);
  }

  /**
   * The statistics of A·x, what a linear A (r × in) makes of the input. A·H·Aᵀ is exact; absolute
   * values are those of the rows kept here.
   */
  public InputStatistics through(Matrix linear) {
    Matrix moved = Blas.multiplyTransposed(rows, linear);
    return new InputStatistics(
        tokens, meanAbsolute(moved), maxAbsolute(moved), hessian.through(linear), moved);
  }

  /** Without tokens nothing is known, which is not the same as nothing but zeros. */
  private static double[] unknownOrZeros(Matrix rows) {
    double[] channels = new double[rows.cols()];
    Arrays.fill(channels, rows.rows() == 0 ? Double.NaN : 0);
    return channels;
  }

  private static double[] meanAbsolute(Matrix rows) {
    double[] mean = unknownOrZeros(rows);
    for (int i = 0; i < rows.rows(); i++) {
      for (int j = 0; j < mean.length; j++) {
        mean[j] += Math.abs(rows.at(i, j)) / (double) rows.rows();
      }
    }
    return mean;
  }

  private static double[] maxAbsolute(Matrix rows) {
    double[] max = unknownOrZeros(rows);
    for (int i = 0; i < rows.rows(); i++) {
      for (int j = 0; j < max.length; j++) {
        max[j] = Math.max(max[j], Math.abs(rows.at(i, j)));
      }
    }
    return max;
  }

  /** ‖xⱼ‖₂ over the tokens, of every channel. */
  public double[] norms() {
    double[] norms = hessian.diagonal();
    for (int j = 0; j < norms.length; j++) {
      norms[j] = Math.sqrt(norms[j]);
    }
    return norms;
  }
}
