package dev.assay.linalg;

import dev.assay.tensor.Matrix;

/**
 * Singular value decompositions of W·S for an invertible in × in matrix S, the low-rank
 * approximations of W that are best in ‖(W − Ŵ)·S‖_F.
 *
 * <p>Each gives {@link Factors} of W rather than of W·S: U and σ are those of W·S, and V is S⁻ᵀ
 * times its right singular vectors, so that U·diag(σ)·Vᵀ = W and the first r triplets are the best
 * Ŵ of rank r. V is not orthonormal. The energy is ‖W·S‖²_F. Everything is computed in double, by
 * {@code dgesdd} in about 22·out·in·min(out, in) operations beside the products with S; the vectors
 * are then rounded to float.
 */
public final class WeightedSvd {
  private WeightedSvd() {}

  /**
   * S = diag(d).
   *
   * @param d in numbers above 0
   * @throws NumericalException if an entry of W is not finite or LAPACK does not converge
   */
  public static Factors diagonal(Matrix w, double[] d) {
    check(w, d.length, d.length);
    double[] product = Blas.widen(w.data());
    for (int i = 0, at = 0; i < w.rows(); i++) {
      for (int j = 0; j < d.length; j++, at++) {
        product[at] *= d[j];
      }
    }
    double energy = energy(product);
    Lapack.DoubleSvd svd = Lapack.svd(w.cols(), w.rows(), product);
    double[] right = svd.u();
    for (int at = 0; at < right.length; at++) {
      right[at] /= d[at % d.length];
    }
    return factors(w, svd, right, energy);
  }

  /**
   * S lower triangular.
   *
   * @param lower S, row-major in × in, no zero on its diagonal
   * @throws NumericalException if an entry of W is not finite or LAPACK does not converge
   */
  public static Factors triangular(Matrix w, double[] lower) {
    int n = w.cols();
    check(w, lower.length, n * n);
    // Row-major lower S is column-major upper Sᵀ, and row-major W column-major Wᵀ.
    double[] product = Blas.widen(w.data());
    Blas.multiplyUpper(n, w.rows(), lower, product);
    double energy = energy(product);
    Lapack.DoubleSvd svd = Lapack.svd(n, w.rows(), product);
    double[] right = svd.u();
    Blas.solveUpper(n, svd.sigma().length, lower, right);
    return factors(w, svd, right, energy);
  }

  /**
   * S = Q·diag(√λ), where Q has the eigenvectors as columns.
   *
   * @param eigen of an in × in matrix, λ above 0
   * @throws NumericalException if an entry of W is not finite or LAPACK does not converge
   */
  public static Factors eigen(Matrix w, Symmetric.Eigen eigen) {
    int n = w.cols();
    check(w, eigen.values().length, n);
    double[] q = eigen.vectors(); // eigenvectors as rows: column-major Q
    double[] product = new double[w.size()];
    Blas.gemm("T", "N", n, w.rows(), n, q, n, Blas.widen(w.data()), n, product);
    for (int at = 0; at < product.length; at++) {
      product[at] *= Math.sqrt(eigen.values()[at % n]);
    }
    double energy = energy(product);
    Lapack.DoubleSvd svd = Lapack.svd(n, w.rows(), product);
    double[] scaled = svd.u();
    for (int at = 0; at < scaled.length; at++) {
      scaled[at] /= Math.sqrt(eigen.values()[at % n]);
    }
    double[] right = new double[scaled.length];
    Blas.gemm("N", "N", n, svd.sigma().length, n, q, n, scaled, n, right);
    return factors(w, svd, right, energy);
  }

  private static void check(Matrix w, int given, int wanted) {
    if (given != wanted) {
      throw new IllegalArgumentException(
          "A weighting of " + given + " numbers does not fit a " + Blas.shape(w) + " matrix");
    }
    LocalFactorizer.check("dgesdd", w, 1);
  }

  private static double energy(double[] product) {
    double sum = 0;
    for (double x : product) {
      sum += x * x;
    }
    return sum;
  }

  /** Column-major Wᵀ = VΣUᵀ: LAPACK's vt is U in rows, {@code right} is V in rows. */
  private static Factors factors(Matrix w, Lapack.DoubleSvd svd, double[] right, double energy) {
    int size = svd.sigma().length;
    return Factors.of(
        Matrix.of(w.rows(), size, Blas.narrow(svd.vt())),
        svd.sigma(),
        Matrix.of(size, w.cols(), Blas.narrow(right)).transpose(),
        energy);
  }
}
