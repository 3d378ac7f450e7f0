package dev.assay.linalg;

import dev.ludovic.netlib.lapack.LAPACK;
import org.netlib.util.intW;

/** LAPACK for this package: column-major, work space and INFO handled here. */
final class Lapack {
  private static final LAPACK NETLIB;

  static {
    NativeBlas.backend(); // before netlib's first class loads
    NETLIB = LAPACK.getInstance();
  }

  private Lapack() {}

  /** Thin SVD, column-major: {@code u} is m × k, {@code vt} is k × n, k = min(m, n). */
  record DoubleSvd(double[] u, double[] sigma, double[] vt) {}

  /** As {@link DoubleSvd}. */
  record SingleSvd(float[] u, float[] sigma, float[] vt) {}

  /**
   * {@code dgesdd}, divide and conquer, of a column-major m × n matrix, whose array the larger of
   * {@code u} and {@code vt} takes over.
   *
   * @throws NumericalException if it does not converge
   */
  static DoubleSvd svd(int m, int n, double[] a) {
    int k = Math.min(m, n);
    double[] sigma = new double[k];
    double[] small = new double[Math.multiplyExact(k, k)];
    double[] u = m < n ? small : new double[1];
    double[] vt = m < n ? new double[1] : small;
    int[] iwork = new int[Math.multiplyExact(8, k)];
    intW info = new intW(0);
    double[] size = new double[1];
    NETLIB.dgesdd("O", m, n, a, m, sigma, u, m, vt, k, size, -1, iwork, info);
    double[] work = new double[workSize("dgesdd", m, n, size[0])];
    NETLIB.dgesdd("O", m, n, a, m, sigma, u, m, vt, k, work, work.length, iwork, info);
    check("dgesdd", m, n, info);
    return m >= n ? new DoubleSvd(a, sigma, small) : new DoubleSvd(small, sigma, a);
  }

  /**
   * {@code sgesdd}, divide and conquer, of a column-major m × n matrix, whose array the larger of
   * {@code u} and {@code vt} takes over.
   *
   * @throws NumericalException if it does not converge
   */
  static SingleSvd svd(int m, int n, float[] a) {
    int k = Math.min(m, n);
    float[] sigma = new float[k];
    float[] small = new float[Math.multiplyExact(k, k)];
    float[] u = m < n ? small : new float[1];
    float[] vt = m < n ? new float[1] : small;
    int[] iwork = new int[Math.multiplyExact(8, k)];
    intW info = new intW(0);
    float[] size = new float[1];
    NETLIB.sgesdd("O", m, n, a, m, sigma, u, m, vt, k, size, -1, iwork, info);
    float[] work = new float[workSize("sgesdd", m, n, Math.nextUp(size[0]))];
    NETLIB.sgesdd("O", m, n, a, m, sigma, u, m, vt, k, work, work.length, iwork, info);
    check("sgesdd", m, n, info);
    return m >= n ? new SingleSvd(a, sigma, small) : new SingleSvd(small, sigma, a);
  }

  /**
   * Replaces a column-major m × n matrix, m ≥ n, by an orthonormal basis of its columns' span
   * (Householder: {@code sgeqrf}, {@code sorgqr}). Columns that depend on others give some
   * orthonormal completion.
   */
  static void orthonormalize(int m, int n, float[] a) {
    float[] tau = new float[n];
    intW info = new intW(0);
    float[] size = new float[1];
    NETLIB.sgeqrf(m, n, a, m, tau, size, -1, info);
    float[] work = new float[workSize("sgeqrf", m, n, Math.nextUp(size[0]))];
    NETLIB.sgeqrf(m, n, a, m, tau, work, work.length, info);
    check("sgeqrf", m, n, info);
    NETLIB.sorgqr(m, n, n, a, m, tau, size, -1, info);
    work = new float[workSize("sorgqr", m, n, Math.nextUp(size[0]))];
    NETLIB.sorgqr(m, n, n, a, m, tau, work, work.length, info);
    check("sorgqr", m, n, info);
  }

  /**
   * {@code dpotrf} of a column-major symmetric n × n matrix: replaces its upper triangle by U, A =
   * UᵀU, and leaves the rest.
   *
   * @throws NumericalException if the matrix is not positive definite
   */
  static void cholesky(int n, double[] a) {
    intW info = new intW(0);
    NETLIB.dpotrf("U", n, a, Math.max(1, n), info);
    if (info.val > 0) {
      throw NumericalException.notPositiveDefinite(n, info.val);
    }
    check("dpotrf", n, n, info);
  }

  /** {@code dpotri}: replaces U of {@link #cholesky} by the upper triangle of A⁻¹. */
  static void invertCholesky(int n, double[] u) {
    intW info = new intW(0);
    NETLIB.dpotri("U", n, u, Math.max(1, n), info);
    check("dpotri", n, n, info);
  }

  /** {@code dtrtri}: replaces U of {@link #cholesky} by the upper triangle U⁻¹. */
  static void invertTriangular(int n, double[] u) {
    intW info = new intW(0);
    NETLIB.dtrtri("U", "N", n, u, Math.max(1, n), info);
    check("dtrtri", n, n, info);
  }

  /**
   * {@code dsyevd} of a symmetric n × n matrix, which it replaces by the eigenvectors as columns
   * (column-major).
   *
   * @return eigenvalues, ascending
   */
  static double[] eigen(int n, double[] a) {
    double[] values = new double[n];
    intW info = new intW(0);
    double[] size = new double[1];
    int[] integers = new int[1];
    int lda = Math.max(1, n);
    NETLIB.dsyevd("V", "U", n, a, lda, values, size, -1, integers, -1, info);
    double[] work = new double[workSize("dsyevd", n, n, size[0])];
    int[] iwork = new int[Math.max(1, integers[0])];
    NETLIB.dsyevd("V", "U", n, a, lda, values, work, work.length, iwork, iwork.length, info);
    check("dsyevd", n, n, info);
    return values;
  }

  /** Work space is asked for as a floating-point number, which a float may have rounded down. */
  private static int workSize(String routine, int m, int n, double size) {
    if (!(size < Integer.MAX_VALUE - 8)) {
      throw new IllegalArgumentException(
          "LAPACK " + routine + " of " + m + " × " + n + " needs more work space than an array");
    }
    return Math.max(1, (int) Math.ceil(size));
  }

  private static void check(String routine, int m, int n, intW info) {
    if (info.val < 0) {
      throw new IllegalStateException(
          "LAPACK " + routine + " rejects its argument " + -info.val + " for " + m + " × " + n);
    }
    if (info.val > 0) {
      throw NumericalException.failed(routine, m, n, info.val);
    }
  }
}
