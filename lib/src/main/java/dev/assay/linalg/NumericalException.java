package dev.assay.linalg;

import dev.assay.tensor.Matrix;

/**
 * A factorization that could not be computed: a matrix with NaN or infinite entries, or an
 * iteration that did not converge. The same input fails again, so there is no use in retrying.
 */
public final class NumericalException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String routine;
  private final int info;

  private NumericalException(String routine, int info, String message) {
    super(message);
    this.routine = routine;
    this.info = info;
  }

  static NumericalException failed(String routine, int rows, int cols, int info) {
    return new NumericalException(
        routine,
        info,
        "LAPACK "
            + routine
            + " did not converge on a "
            + rows
            + " × "
            + cols
            + " matrix (info = "
            + info
            + ")");
  }

  static NumericalException notPositiveDefinite(int size, int info) {
    return new NumericalException(
        "dpotrf",
        info,
        "A "
            + size
            + " × "
            + size
            + " matrix is not positive definite (leading minor "
            + info
            + "); more damping makes it so");
  }

  static NumericalException stillNotPositiveDefinite(
      int size, double damping, NumericalException last) {
    return new NumericalException(
        last.routine(),
        last.info(),
        "A "
            + size
            + " × "
            + size
            + " Hessian is not positive definite, even with a damping of "
            + damping
            + " times the mean of its diagonal: the statistics are damaged");
  }

  static NumericalException nonFinite(String routine, Matrix w, int index) {
    return new NumericalException(
        routine,
        0,
        "Cannot factorize a "
            + Blas.shape(w)
            + " matrix by "
            + routine
            + ": entry ["
            + index / w.cols()
            + ", "
            + index % w.cols()
            + "] is "
            + w.data()[index]);
  }

  /** The LAPACK routine, or the factorizer if none was called. */
  public String routine() {
    return routine;
  }

  /** What LAPACK returned in INFO (positive); 0 if it was not called. */
  public int info() {
    return info;
  }
}
