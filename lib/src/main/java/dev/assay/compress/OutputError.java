package dev.assay.compress;

import dev.assay.linalg.Blas;
import dev.assay.stats.InputStatistics;
import dev.assay.tensor.Matrix;
import java.io.Serializable;

/**
 * What a cell does to the outputs of a linear on the calibration tokens X: ‖(W−Ŵ)X‖²/‖WX‖², squared
 * Frobenius norms.
 *
 * @param relative the ratio; 0 where both are 0, infinite where only ‖WX‖ is
 * @param tokens number of tokens
 */
public record OutputError(double relative, long tokens) implements Serializable {
  /**
   * tr(ΔHΔᵀ)/tr(WHWᵀ) with Δ = W − Ŵ and H = XXᵀ, in double.
   *
   * @param weight W, out × in
   * @param effective Ŵ, out × in
   * @param output ‖WX‖², see {@link #energy}
   */
  static OutputError of(
      Matrix weight, Matrix effective, InputStatistics statistics, double output) {
    Matrix difference = Matrix.zeros(weight.rows(), weight.cols());
    for (int i = 0; i < difference.size(); i++) {
      difference.data()[i] = weight.data()[i] - effective.data()[i];
    }
    double lost = Math.max(0, Blas.quadraticForm(difference, statistics.hessian()));
    return new OutputError(lost == 0 ? 0 : lost / output, statistics.tokens());
  }

  /** ‖WX‖² = tr(WHWᵀ). */
  static double energy(Matrix weight, InputStatistics statistics) {
    return Math.max(0, Blas.quadraticForm(weight, statistics.hessian()));
  }
}
