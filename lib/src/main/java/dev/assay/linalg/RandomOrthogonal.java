package dev.assay.linalg;

import java.util.Random;

/** Orthogonal matrices distributed uniformly (Haar): Gaussian rows, orthonormalized in order. */
public final class RandomOrthogonal {
  private RandomOrthogonal() {}

  /**
   * An n × n orthogonal matrix, row-major, in about 4n³ operations by Gram–Schmidt, each row
   * orthogonalized twice. It is the Q of a QR factorization whose R has a positive diagonal, and a
   * function of the random numbers alone, not of a BLAS.
   */
  public static double[] of(int n, Random random) {
    double[] q = new double[Math.multiplyExact(n, n)];
    for (int i = 0; i < n; i++) {
      int row = i * n;
      for (int j = 0; j < n; j++) {
        q[row + j] = random.nextGaussian();
      }
      for (int pass = 0; pass < 2; pass++) {
        for (int k = 0; k < i; k++) {
          double along = dot(q, row, k * n, n);
          for (int j = 0; j < n; j++) {
            q[row + j] -= along * q[k * n + j];
          }
        }
        double norm = Math.sqrt(dot(q, row, row, n));
        for (int j = 0; j < n; j++) {
          q[row + j] /= norm;
        }
      }
    }
    return q;
  }

  private static double dot(double[] q, int a, int b, int n) {
    double sum = 0;
    for (int j = 0; j < n; j++) {
      sum += q[a + j] * q[b + j];
    }
    return sum;
  }
}
