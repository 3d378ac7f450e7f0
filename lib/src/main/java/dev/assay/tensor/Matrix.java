package dev.assay.tensor;

import java.util.Arrays;

/**
 * A dense matrix of 32-bit floats, row-major, shape out × in as PyTorch stores a linear's weight.
 *
 * <p>The array is the matrix, not a copy: whoever holds a {@code Matrix} may read {@link #data()},
 * and only its creator writes to it. Size is limited to 2³¹−1 elements by the array.
 */
public final class Matrix {
  private final int rows;
  private final int cols;
  private final float[] data;

  private Matrix(int rows, int cols, float[] data) {
    if (rows < 0 || cols < 0 || (long) rows * cols != data.length) {
      throw new IllegalArgumentException(
          "Shape " + rows + " × " + cols + " does not fit " + data.length + " elements");
    }
    this.rows = rows;
    this.cols = cols;
    this.data = data;
  }

  /** Wraps {@code data} (row-major, {@code rows·cols} elements) without copying it. */
  public static Matrix of(int rows, int cols, float[] data) {
    return new Matrix(rows, cols, data);
  }

  /** A matrix of zeros. */
  public static Matrix zeros(int rows, int cols) {
    return new Matrix(rows, cols, new float[Math.multiplyExact(rows, cols)]);
  }

  public int rows() {
    return rows;
  }

  public int cols() {
    return cols;
  }

  /** Number of elements. */
  public int size() {
    return data.length;
  }

  /** The elements, row-major, shared with this matrix. */
  public float[] data() {
    return data;
  }

  public float at(int row, int col) {
    return data[row * cols + col];
  }

  public Matrix copy() {
    return new Matrix(rows, cols, data.clone());
  }

  /** The transpose, as a new matrix. */
  public Matrix transpose() {
    float[] out = new float[data.length];
    int block = 32;
    for (int i0 = 0; i0 < rows; i0 += block) {
      for (int j0 = 0; j0 < cols; j0 += block) {
        for (int i = i0; i < Math.min(rows, i0 + block); i++) {
          for (int j = j0; j < Math.min(cols, j0 + block); j++) {
            out[j * rows + i] = data[i * cols + j];
          }
        }
      }
    }
    return new Matrix(cols, rows, out);
  }

  /** ‖·‖²_F, summed in double in index order. */
  public double squaredNorm() {
    double sum = 0;
    for (float x : data) {
      sum += (double) x * x;
    }
    return sum;
  }

  /** Index of the first NaN or infinity, or −1. */
  public int firstNonFinite() {
    for (int i = 0; i < data.length; i++) {
      if (!Float.isFinite(data[i])) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Matrix that
        && rows == that.rows
        && cols == that.cols
        && Arrays.equals(data, that.data);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * rows + cols) + Arrays.hashCode(data);
  }

  @Override
  public String toString() {
    return "Matrix[" + rows + " × " + cols + "]";
  }
}
