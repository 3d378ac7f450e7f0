package dev.assay.linalg;

import dev.assay.tensor.Matrix;
import java.util.Random;

/** Seeded matrices and naive double-precision arithmetic to compare with. */
final class Matrices {
  private Matrices() {}

  static Matrix gaussian(int rows, int cols, long seed) {
    Random random = new Random(seed);
    Matrix m = Matrix.zeros(rows, cols);
    for (int i = 0; i < m.size(); i++) {
      m.data()[i] = (float) random.nextGaussian();
    }
    return m;
  }

  /** U·diag(σ)·Vᵀ with random orthonormal U and V; its true singular values are σ rounded. */
  static Matrix withSpectrum(int rows, int cols, double[] sigma, long seed) {
    double[][] u = orthonormal(rows, sigma.length, seed);
    double[][] v = orthonormal(cols, sigma.length, seed + 1);
    Matrix m = Matrix.zeros(rows, cols);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        double sum = 0;
        for (int k = 0; k < sigma.length; k++) {
          sum += u[k][i] * sigma[k] * v[k][j];
        }
        m.data()[i * cols + j] = (float) sum;
      }
    }
    return m;
  }

  /** {@code count} orthonormal vectors of length {@code n}, by Gram-Schmidt, twice. */
  private static double[][] orthonormal(int n, int count, long seed) {
    Random random = new Random(seed);
    double[][] q = new double[count][n];
    for (int k = 0; k < count; k++) {
      for (int i = 0; i < n; i++) {
        q[k][i] = random.nextGaussian();
      }
      for (int pass = 0; pass < 2; pass++) {
        for (int j = 0; j < k; j++) {
          double dot = dot(q[j], q[k]);
          for (int i = 0; i < n; i++) {
            q[k][i] -= dot * q[j][i];
          }
        }
      }
      double norm = Math.sqrt(dot(q[k], q[k]));
      for (int i = 0; i < n; i++) {
        q[k][i] /= norm;
      }
    }
    return q;
  }

  static double dot(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }

  static double[] column(Matrix m, int col) {
    double[] out = new double[m.rows()];
    for (int i = 0; i < out.length; i++) {
      out[i] = m.at(i, col);
    }
    return out;
  }

  /** ‖A − B‖_F in double. */
  static double distance(Matrix a, Matrix b) {
    double sum = 0;
    for (int i = 0; i < a.size(); i++) {
      double d = (double) a.data()[i] - b.data()[i];
      sum += d * d;
    }
    return Math.sqrt(sum);
  }

  /** max |QᵀQ − I|. */
  static double deviationFromOrthonormal(Matrix q) {
    double worst = 0;
    double[] gram = naiveGram(q);
    for (int i = 0; i < q.cols(); i++) {
      for (int j = 0; j < q.cols(); j++) {
        worst = Math.max(worst, Math.abs(gram[i * q.cols() + j] - (i == j ? 1 : 0)));
      }
    }
    return worst;
  }

  static double[] naiveGram(Matrix a) {
    int n = a.cols();
    double[] gram = new double[n * n];
    for (int r = 0; r < a.rows(); r++) {
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          gram[i * n + j] += (double) a.at(r, i) * a.at(r, j);
        }
      }
    }
    return gram;
  }

  static Matrix naiveProduct(Matrix a, Matrix b) {
    Matrix c = Matrix.zeros(a.rows(), b.cols());
    for (int i = 0; i < a.rows(); i++) {
      for (int j = 0; j < b.cols(); j++) {
        double sum = 0;
        for (int k = 0; k < a.cols(); k++) {
          sum += (double) a.at(i, k) * b.at(k, j);
        }
        c.data()[i * b.cols() + j] = (float) sum;
      }
    }
    return c;
  }
}
