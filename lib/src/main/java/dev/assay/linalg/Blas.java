package dev.assay.linalg;

import dev.assay.tensor.Matrix;
import dev.ludovic.netlib.blas.BLAS;
import java.util.Arrays;

/**
 * Matrix products: the one door to BLAS, so that checks are made in one place and the back end is
 * {@linkplain NativeBlas installed} before netlib's first class loads.
 *
 * <p>Matrices are row-major and BLAS is column-major: a row-major m × n array is the column-major n
 * × m transpose, so every product below is computed as its transpose, without copying. Float
 * products round like {@code sgemm}. On one back end and CPU type results are bit-identical from
 * call to call, whatever the thread. An inner dimension that does not match is an {@link
 * IllegalArgumentException}.
 */
public final class Blas {
  private static final int GRAM_BLOCK = 512;

  private static final Backend BACKEND = NativeBlas.backend();
  private static final BLAS NETLIB = BLAS.getInstance();

  private Blas() {}

  /** The back end that computes everything in this package. */
  public static Backend backend() {
    return BACKEND;
  }

  /** A·B of an m × k and a k × n matrix: m × n, in 2mnk operations. */
  public static Matrix multiply(Matrix a, Matrix b) {
    check(a.cols() == b.rows(), "·", a, b);
    Matrix c = Matrix.zeros(a.rows(), b.cols());
    gemm("N", "N", c.cols(), c.rows(), a.cols(), b.data(), b.cols(), a.data(), a.cols(), c.data());
    return c;
  }

  /** A·Bᵀ of an m × k and an n × k matrix: m × n, in 2mnk operations. */
  public static Matrix multiplyTransposed(Matrix a, Matrix b) {
    check(a.cols() == b.cols(), "· transposed", a, b);
    return multiplyTransposed(a, b, a.cols());
  }

  /** Aᵀ·B of a k × m and a k × n matrix: m × n, in 2mnk operations. */
  public static Matrix transposedMultiply(Matrix a, Matrix b) {
    check(a.rows() == b.rows(), "transposed ·", a, b);
    Matrix c = Matrix.zeros(a.cols(), b.cols());
    gemm("N", "T", c.cols(), c.rows(), a.rows(), b.data(), b.cols(), a.data(), a.cols(), c.data());
    return c;
  }

  /**
   * AᵀA of an m × n matrix, n × n, symmetric to the bit, accumulated in double in {@code mn²}
   * operations. Rows are widened a block at a time: beside the result it needs 4 KiB per column.
   */
  public static double[] gram(Matrix a) {
    int n = a.cols();
    double[] gram = new double[Math.multiplyExact(n, n)];
    if (a.size() == 0) {
      return gram;
    }
    double[] block = new double[Math.multiplyExact(Math.min(GRAM_BLOCK, a.rows()), n)];
    for (int row = 0; row < a.rows(); row += GRAM_BLOCK) {
      int rows = Math.min(GRAM_BLOCK, a.rows() - row);
      widen(a.data(), row * n, block, rows * n);
      NETLIB.dsyrk("U", "N", n, rows, 1, block, n, 1, gram, n);
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        gram[j * n + i] = gram[i * n + j];
      }
    }
    return gram;
  }

  /**
   * Rows {@code from} to below {@code to} of AᵀA, (to − from) × n, accumulated in double. All rows
   * are {@link #gram(Matrix)}; some of them agree with it to rounding.
   */
  public static double[] gram(Matrix a, int from, int to) {
    int n = a.cols();
    if (from == 0 && to == n) {
      return gram(a);
    }
    int height = to - from;
    double[] gram = new double[Math.multiplyExact(height, n)];
    double[] block = new double[Math.multiplyExact(Math.min(GRAM_BLOCK, a.rows()), n)];
    for (int row = 0; row < a.rows() && height > 0; row += GRAM_BLOCK) {
      int rows = Math.min(GRAM_BLOCK, a.rows() - row);
      widen(a.data(), row * n, block, rows * n);
      NETLIB.dgemm("N", "T", n, height, rows, 1, block, 0, n, block, from, n, 1, gram, 0, n);
    }
    return gram;
  }

  /** Σᵢ aᵢ·H·aᵢᵀ over the rows of an m × n matrix, tr(A·H·Aᵀ); see {@link #quadraticForms}. */
  public static double quadraticForm(Matrix a, Symmetric h) {
    return Arrays.stream(quadraticForms(a, h)).sum();
  }

  /**
   * aᵢ·H·aᵢᵀ of every row of an m × n matrix, in double in 2mn² operations. Rows are widened a
   * block at a time: beside the arguments it needs 8 KiB per column.
   */
  public static double[] quadraticForms(Matrix a, Symmetric h) {
    int n = a.cols();
    if (h.size() != n) {
      throw new IllegalArgumentException(
          "Shapes do not fit: " + shape(a) + " · " + h.size() + " × " + h.size());
    }
    int height = Math.min(GRAM_BLOCK, a.rows());
    double[] block = new double[Math.multiplyExact(height, n)];
    double[] product = new double[block.length];
    double[] forms = new double[a.rows()];
    for (int row = 0; row < a.rows(); row += GRAM_BLOCK) {
      int rows = Math.min(GRAM_BLOCK, a.rows() - row);
      widen(a.data(), row * n, block, rows * n);
      gemm("N", "N", n, rows, n, h.data(), n, block, n, product);
      for (int i = 0; i < rows * n; i++) {
        forms[row + i / n] += block[i] * product[i];
      }
    }
    return forms;
  }

  /**
   * A rectangle within a row-major array.
   *
   * @param data the array
   * @param offset index of the rectangle's first element
   * @param stride elements from one row to the next
   */
  public record Tile(double[] data, int offset, int stride) {}

  /** C −= A·B of m × k, k × n and m × n rectangles, in 2mnk operations. */
  public static void subtractProduct(int m, int n, int k, Tile a, Tile b, Tile c) {
    if (m > 0 && n > 0 && k > 0) {
      NETLIB.dgemm(
          "N", "N", n, m, k, -1, b.data, b.offset, b.stride, a.data, a.offset, a.stride, 1, c.data,
          c.offset, c.stride);
    }
  }

  /** A·Bᵀ over the first {@code inner} columns of both. */
  static Matrix multiplyTransposed(Matrix a, Matrix b, int inner) {
    Matrix c = Matrix.zeros(a.rows(), b.rows());
    gemm("T", "N", c.cols(), c.rows(), inner, b.data(), b.cols(), a.data(), a.cols(), c.data());
    return c;
  }

  /** Column-major C = op(A)·op(B), C dense m × n; nothing to do where a dimension is zero. */
  static void gemm(
      String opA,
      String opB,
      int m,
      int n,
      int k,
      float[] a,
      int lda,
      float[] b,
      int ldb,
      float[] c) {
    if (m > 0 && n > 0 && k > 0) {
      NETLIB.sgemm(opA, opB, m, n, k, 1, a, lda, b, ldb, 0, c, m);
    }
  }

  /** As {@link #gemm(String, String, int, int, int, float[], int, float[], int, float[])}. */
  static void gemm(
      String opA,
      String opB,
      int m,
      int n,
      int k,
      double[] a,
      int lda,
      double[] b,
      int ldb,
      double[] c) {
    if (m > 0 && n > 0 && k > 0) {
      NETLIB.dgemm(opA, opB, m, n, k, 1, a, lda, b, ldb, 0, c, m);
    }
  }

  /** Column-major B := U·B of an upper triangular n × n and an n × m matrix. */
  static void multiplyUpper(int n, int m, double[] upper, double[] b) {
    if (n > 0 && m > 0) {
      NETLIB.dtrmm("L", "U", "N", "N", n, m, 1, upper, n, b, n);
    }
  }

  /** Column-major B := U⁻¹·B of an upper triangular n × n and an n × m matrix. */
  static void solveUpper(int n, int m, double[] upper, double[] b) {
    if (n > 0 && m > 0) {
      NETLIB.dtrsm("L", "U", "N", "N", n, m, 1, upper, n, b, n);
    }
  }

  static double[] widen(float[] x) {
    double[] out = new double[x.length];
    widen(x, 0, out, x.length);
    return out;
  }

  static float[] narrow(double[] x) {
    float[] out = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      out[i] = (float) x[i];
    }
    return out;
  }

  private static void widen(float[] x, int offset, double[] out, int length) {
    for (int i = 0; i < length; i++) {
      out[i] = x[offset + i];
    }
  }

  private static void check(boolean fits, String operation, Matrix a, Matrix b) {
    if (!fits) {
      throw new IllegalArgumentException(
          "Shapes do not fit: " + shape(a) + " " + operation + " " + shape(b));
    }
  }

  static String shape(Matrix a) {
    return a.rows() + " × " + a.cols();
  }
}
