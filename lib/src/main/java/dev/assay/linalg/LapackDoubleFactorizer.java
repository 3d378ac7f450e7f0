package dev.assay.linalg;

import dev.assay.tensor.Matrix;

/**
 * Thin SVD in double precision by {@code dgesdd} on the widened matrix; the vectors are then
 * rounded to float, the singular values are not. The oracle for the other factorizers.
 */
record LapackDoubleFactorizer() implements LocalFactorizer {
  @Override
  public FactorizerKind kind() {
    return FactorizerKind.LAPACK_DOUBLE;
  }

  @Override
  public Factors factorize(Matrix w, int rank) {
    LocalFactorizer.check("dgesdd", w, rank);
    int size = Math.min(w.rows(), w.cols());
    // Row-major W is column-major Wᵀ = VΣUᵀ: LAPACK's vt is U in rows, its u is Vᵀ in rows.
    Lapack.DoubleSvd svd = Lapack.svd(w.cols(), w.rows(), Blas.widen(w.data()));
    return Factors.of(
        Matrix.of(w.rows(), size, Blas.narrow(svd.vt())),
        svd.sigma(),
        Matrix.of(size, w.cols(), Blas.narrow(svd.u())).transpose(),
        w.squaredNorm());
  }
}
