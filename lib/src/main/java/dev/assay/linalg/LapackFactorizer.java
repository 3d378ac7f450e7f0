package dev.assay.linalg;

import dev.assay.tensor.Matrix;
import java.util.Arrays;
import java.util.Comparator;

/**
 * Thin SVD with vectors from {@code sgesdd}, about 22·m·n·min(m, n) operations in single precision,
 * and singular values refined from them in double.
 *
 * <p>The error of a singular value from {@code sgesdd} is some 1e-8·σ₁, so small values have few
 * good digits. The Rayleigh quotient uᵢᵀ·W·vᵢ / (‖uᵢ‖·‖vᵢ‖) in double has an error quadratic in
 * that of the vectors; another 2·m·n·min(m, n) operations make σ good to about 1e-8 relative above
 * 1e-4·σ₁.
 */
record LapackFactorizer() implements LocalFactorizer {
  private static final int BLOCK = 256;

  @Override
  public FactorizerKind kind() {
    return FactorizerKind.LAPACK;
  }

  @Override
  public Factors factorize(Matrix w, int rank) {
    LocalFactorizer.check("sgesdd", w, rank);
    int size = Math.min(w.rows(), w.cols());
    // Row-major W is column-major Wᵀ = VΣUᵀ: LAPACK's vt is U in rows, its u is Vᵀ in rows.
    Lapack.SingleSvd svd = Lapack.svd(w.cols(), w.rows(), w.data().clone());
    Matrix u = Matrix.of(w.rows(), size, svd.vt());
    Matrix v = Matrix.of(size, w.cols(), svd.u()).transpose();
    return sorted(u, refined(w, u, v), v, w.squaredNorm());
  }

  private static double[] refined(Matrix w, Matrix u, Matrix v) {
    int size = v.cols();
    int n = w.cols();
    double[] sigma = new double[size];
    double[] uNorm = new double[size];
    double[] vNorm = new double[size];
    double[] wide = Blas.widen(v.data());
    for (int j = 0, at = 0; j < n; j++) {
      for (int i = 0; i < size; i++, at++) {
        vNorm[i] += wide[at] * wide[at];
      }
    }
    int block = Math.min(BLOCK, w.rows());
    double[] image = new double[Math.multiplyExact(block, size)];
    for (int row = 0; row < w.rows(); row += block) {
      int rows = Math.min(block, w.rows() - row);
      double[] part = Blas.widen(Arrays.copyOfRange(w.data(), row * n, (row + rows) * n));
      // W·V of these rows, row-major, as the column-major product of the transposes.
      Blas.gemm("N", "N", size, rows, n, wide, size, part, n, image);
      for (int r = 0, at = 0; r < rows; r++) {
        for (int i = 0; i < size; i++, at++) {
          double x = u.at(row + r, i);
          sigma[i] += x * image[at];
          uNorm[i] += x * x;
        }
      }
    }
    for (int i = 0; i < size; i++) {
      sigma[i] = Math.max(0, sigma[i] / Math.sqrt(uNorm[i] * vNorm[i]));
    }
    return sigma;
  }

  /** Refining may exchange values that are almost equal. */
  private static Factors sorted(Matrix u, double[] sigma, Matrix v, double energy) {
    Integer[] order = new Integer[sigma.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble((Integer i) -> -sigma[i]));
    double[] descending = new double[sigma.length];
    Arrays.setAll(descending, i -> sigma[order[i]]);
    return Factors.of(permuted(u, order), descending, permuted(v, order), energy);
  }

  private static Matrix permuted(Matrix from, Integer[] order) {
    Matrix to = Matrix.zeros(from.rows(), from.cols());
    for (int i = 0, at = 0; i < from.rows(); i++) {
      for (int j = 0; j < order.length; j++, at++) {
        to.data()[at] = from.at(i, order[j]);
      }
    }
    return to;
  }
}
