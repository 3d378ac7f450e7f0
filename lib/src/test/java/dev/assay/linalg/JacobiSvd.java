package dev.assay.linalg;

import dev.assay.tensor.Matrix;
import java.util.Arrays;
import java.util.Comparator;

/**
 * The oracle: one-sided Jacobi (Hestenes 1958) in double, slow, simple, and accurate to the last
 * digits of every singular value.
 *
 * @param sigma min(rows, cols) values, descending
 * @param left left singular vectors, one array each
 * @param right right singular vectors, one array each
 */
record JacobiSvd(double[] sigma, double[][] left, double[][] right) {

  static JacobiSvd of(Matrix w) {
    if (w.rows() < w.cols()) {
      JacobiSvd flipped = of(w.transpose());
      return new JacobiSvd(flipped.sigma, flipped.right, flipped.left);
    }
    int n = w.cols();
    double[][] a = new double[n][];
    double[][] v = new double[n][n];
    for (int j = 0; j < n; j++) {
      a[j] = Matrices.column(w, j);
      v[j][j] = 1;
    }
    boolean rotated = true;
    for (int sweep = 0; rotated && sweep < 60; sweep++) {
      rotated = false;
      for (int p = 0; p < n; p++) {
        for (int q = p + 1; q < n; q++) {
          double pp = Matrices.dot(a[p], a[p]);
          double qq = Matrices.dot(a[q], a[q]);
          double pq = Matrices.dot(a[p], a[q]);
          if (Math.abs(pq) > 1e-15 * Math.sqrt(pp * qq)) {
            rotated = true;
            double zeta = (qq - pp) / (2 * pq);
            double t = Math.copySign(1, zeta) / (Math.abs(zeta) + Math.hypot(1, zeta));
            double c = 1 / Math.hypot(1, t);
            rotate(a[p], a[q], c, c * t);
            rotate(v[p], v[q], c, c * t);
          }
        }
      }
    }
    double[] norms = new double[n];
    for (int j = 0; j < n; j++) {
      norms[j] = Math.sqrt(Matrices.dot(a[j], a[j]));
      for (int i = 0; norms[j] > 0 && i < a[j].length; i++) {
        a[j][i] /= norms[j];
      }
    }
    Integer[] order = new Integer[n];
    Arrays.setAll(order, j -> j);
    Arrays.sort(order, Comparator.comparingDouble(j -> -norms[j]));
    double[] sigma = new double[n];
    double[][] left = new double[n][];
    double[][] right = new double[n][];
    for (int j = 0; j < n; j++) {
      sigma[j] = norms[order[j]];
      left[j] = a[order[j]];
      right[j] = v[order[j]];
    }
    return new JacobiSvd(sigma, left, right);
  }

  private static void rotate(double[] x, double[] y, double c, double s) {
    for (int i = 0; i < x.length; i++) {
      double xi = x[i];
      x[i] = c * xi - s * y[i];
      y[i] = s * xi + c * y[i];
    }
  }
}
