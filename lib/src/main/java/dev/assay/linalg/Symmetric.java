package dev.assay.linalg;

import dev.assay.tensor.Held;
import dev.assay.tensor.Matrix;
import java.util.Arrays;

/**
 * A symmetric n × n matrix in double precision, row-major, such as H = XᵀX. Immutable by agreement:
 * nobody writes to the array behind it.
 */
public final class Symmetric {
  private final int size;
  private final double[] data;

  private Symmetric(int size, double[] data) {
    if (size < 0 || (long) size * size != data.length) {
      throw new IllegalArgumentException(size + " × " + size + " does not fit " + data.length);
    }
    this.size = size;
    this.data = data;
  }

  /** Wraps {@code data}, n² elements of a matrix that is symmetric, without copying it. */
  public static Symmetric of(int size, double[] data) {
    return new Symmetric(size, data);
  }

  /** {@code scale}·I. */
  public static Symmetric identity(int size, double scale) {
    double[] data = new double[Math.multiplyExact(size, size)];
    for (int i = 0; i < size; i++) {
      data[i * size + i] = scale;
    }
    return new Symmetric(size, data);
  }

  /** n. */
  public int size() {
    return size;
  }

  /** The elements, row-major, shared with this matrix. */
  public double[] data() {
    return data;
  }

  public double at(int row, int col) {
    return data[row * size + col];
  }

  /** The diagonal, as a copy. */
  public double[] diagonal() {
    double[] diagonal = new double[size];
    for (int i = 0; i < size; i++) {
      diagonal[i] = data[i * size + i];
    }
    return diagonal;
  }

  /** Σ of the diagonal over n; 0 for an empty matrix. */
  public double meanDiagonal() {
    return size == 0 ? 0 : Arrays.stream(diagonal()).sum() / size;
  }

  /** A + {@code shift}·I. */
  public Symmetric plusIdentity(double shift) {
    double[] shifted = data.clone();
    for (int i = 0; i < size; i++) {
      shifted[i * size + i] += shift;
    }
    return new Symmetric(size, shifted);
  }

  /** Rows and columns in another order: element (i, j) is this matrix' (order[i], order[j]). */
  public Symmetric permuted(int[] order) {
    double[] permuted = new double[data.length];
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        permuted[i * size + j] = data[order[i] * size + order[j]];
      }
    }
    return new Symmetric(size, permuted);
  }

  /** The square block of rows and columns {@code from} to {@code to} − 1. */
  public Symmetric block(int from, int to) {
    int width = to - from;
    double[] block = new double[Math.multiplyExact(width, width)];
    for (int i = 0; i < width; i++) {
      System.arraycopy(data, (from + i) * size + from, block, i * width, width);
    }
    return new Symmetric(width, block);
  }

  /** diag(d)·A·diag(d). */
  public Symmetric scaled(double[] d) {
    double[] scaled = new double[data.length];
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        scaled[i * size + j] = d[i] * d[j] * data[i * size + j];
      }
    }
    return new Symmetric(size, scaled);
  }

  /** A·S·Aᵀ of this matrix S and an r × n matrix A: r × r, symmetric to the bit, in 2rn(n + r). */
  public Symmetric through(Matrix a) {
    if (a.cols() != size) {
      throw new IllegalArgumentException(
          "Shapes do not fit: " + Blas.shape(a) + " · " + size + " × " + size);
    }
    int r = a.rows();
    double[] wide = Blas.widen(a.data()); // column-major Aᵀ
    double[] half = new double[Math.multiplyExact(r, size)];
    Blas.gemm("N", "N", size, r, size, data, size, wide, size, half);
    double[] product = new double[Math.multiplyExact(r, r)];
    Blas.gemm("T", "N", r, r, size, wide, size, half, size, product);
    for (int i = 0; i < r; i++) {
      for (int j = i + 1; j < r; j++) {
        product[i * r + j] = product[j * r + i];
      }
    }
    return new Symmetric(r, product);
  }

  /**
   * The lower triangular L with A = L·Lᵀ, by {@code dpotrf} in n³/3 operations: row-major, zeros
   * above the diagonal.
   *
   * @throws NumericalException if the matrix is not positive definite
   */
  public double[] cholesky() {
    double[] lower = data.clone();
    // Row-major lower is column-major upper: A = UᵀU there, and U is Lᵀ.
    Lapack.cholesky(size, lower);
    for (int i = 0; i < size; i++) {
      Arrays.fill(lower, i * size + i + 1, (i + 1) * size, 0);
    }
    return lower;
  }

  /**
   * A⁻¹, symmetric to the bit, by {@code dpotrf} and {@code dpotri} in n³ operations.
   *
   * @throws NumericalException if the matrix is not positive definite
   */
  public Symmetric inverse() {
    double[] inverse = data.clone();
    Lapack.cholesky(size, inverse);
    Lapack.invertCholesky(size, inverse);
    for (int i = 0; i < size; i++) {
      for (int j = i + 1; j < size; j++) {
        inverse[i * size + j] = inverse[j * size + i];
      }
    }
    return new Symmetric(size, inverse);
  }

  /**
   * A = Q·diag(λ)·Qᵀ, by {@code dsyevd} in about 9n³ operations.
   *
   * @param values λ, ascending
   * @param vectors eigenvectors as rows, n × n row-major: row i belongs to λᵢ
   */
  public record Eigen(double[] values, double[] vectors) implements Held {
    @Override
    public long bytes() {
      return 8L * (values.length + vectors.length);
    }
  }

  /**
   * The eigenvalues and eigenvectors.
   *
   * @throws NumericalException if the iteration does not converge
   */
  public Eigen eigen() {
    double[] vectors = data.clone();
    double[] values = Lapack.eigen(size, vectors);
    return new Eigen(values, vectors);
  }
}
