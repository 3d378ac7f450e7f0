package dev.assay.linalg;

import dev.assay.tensor.Held;
import dev.assay.tensor.Matrix;
import java.util.Arrays;

/**
 * The leading part of a thin singular value decomposition W ≈ U·diag(σ)·Vᵀ of an out × in matrix.
 *
 * <p>Signs are fixed so that the same matrix gives the same factors from any factorizer, rounding
 * aside: in every column of U the entry of largest magnitude (the first of equal ones) is positive.
 * Singular vectors of equal singular values remain free to rotate. Immutable by agreement: nobody
 * writes to the arrays behind it.
 */
public final class Factors implements Held {
  private final Matrix u;
  private final double[] sigma;
  private final Matrix v;
  private final double energy;

  private Factors(Matrix u, double[] sigma, Matrix v, double energy) {
    this.u = u;
    this.sigma = sigma;
    this.v = v;
    this.energy = energy;
  }

  @Override
  public long bytes() {
    return 4L * (u.data().length + v.data().length) + 8L * sigma.length;
  }

  /**
   * Factors with the sign convention applied. The arguments are kept where their signs are right
   * already, and copied otherwise.
   *
   * @param u left singular vectors as columns, out × r
   * @param sigma r singular values, descending
   * @param v right singular vectors as columns, in × r
   * @param energy ‖W‖²_F of the matrix that was factorized, not of the part kept here
   * @throws IllegalArgumentException if the shapes disagree or σ is not descending and finite
   */
  public static Factors of(Matrix u, double[] sigma, Matrix v, double energy) {
    int rank = sigma.length;
    if (u.cols() != rank || v.cols() != rank || rank > Math.min(u.rows(), v.rows())) {
      throw new IllegalArgumentException(
          "Factors do not fit: U " + Blas.shape(u) + ", " + rank + " values, V " + Blas.shape(v));
    }
    Factors factors = new Factors(u, sigma, v, energy);
    factors.spectrum(); // checks the values
    boolean[] flip = wrongSigns(u);
    for (boolean wrong : flip) {
      if (wrong) {
        return new Factors(flipped(u, flip), sigma, flipped(v, flip), energy);
      }
    }
    return factors;
  }

  /** Left singular vectors as columns, out × r. */
  public Matrix u() {
    return u;
  }

  /** The r singular values, descending; shared with this object. */
  public double[] sigma() {
    return sigma;
  }

  /** Right singular vectors as columns, in × r. */
  public Matrix v() {
    return v;
  }

  /** ‖W‖²_F of the whole matrix, also where these factors hold only a part of it. */
  public double energy() {
    return energy;
  }

  /** Number of singular triplets here. */
  public int rank() {
    return sigma.length;
  }

  /** The singular values with the matrix' whole energy. */
  public Spectrum spectrum() {
    return new Spectrum(sigma, energy, Math.min(u.rows(), v.rows()));
  }

  /**
   * The first {@code rank} triplets, as copies; this object itself at its own rank.
   *
   * @throws IllegalArgumentException unless 0 ≤ rank ≤ {@link #rank()}
   */
  public Factors slice(int rank) {
    checkRank(rank);
    return rank == rank()
        ? this
        : new Factors(columns(u, rank), Arrays.copyOf(sigma, rank), columns(v, rank), energy);
  }

  /**
   * U_r·Σ_r·V_rᵀ, out × in: the best approximation of W of that rank (Eckart, Young 1936), in 2·out
   * ·in·rank operations; zeros at rank 0. U_rΣ_r is rounded to float before the product.
   *
   * @throws IllegalArgumentException unless 0 ≤ rank ≤ {@link #rank()}
   */
  public Matrix product(int rank) {
    checkRank(rank);
    Matrix scaled = columns(u, rank);
    float[] data = scaled.data();
    for (int i = 0, at = 0; i < scaled.rows(); i++) {
      for (int j = 0; j < rank; j++, at++) {
        data[at] = (float) (data[at] * sigma[j]);
      }
    }
    return Blas.multiplyTransposed(scaled, v, rank);
  }

  private void checkRank(int rank) {
    if (rank < 0 || rank > rank()) {
      throw new IllegalArgumentException("Rank " + rank + " of factors of rank " + rank());
    }
  }

  private static Matrix columns(Matrix from, int count) {
    Matrix to = Matrix.zeros(from.rows(), count);
    for (int i = 0; i < from.rows(); i++) {
      System.arraycopy(from.data(), i * from.cols(), to.data(), i * count, count);
    }
    return to;
  }

  private static boolean[] wrongSigns(Matrix u) {
    int cols = u.cols();
    float[] largest = new float[cols];
    float[] data = u.data();
    for (int i = 0, at = 0; i < u.rows(); i++) {
      for (int j = 0; j < cols; j++, at++) {
        if (Math.abs(data[at]) > Math.abs(largest[j])) {
          largest[j] = data[at];
        }
      }
    }
    boolean[] wrong = new boolean[cols];
    for (int j = 0; j < cols; j++) {
      wrong[j] = largest[j] < 0;
    }
    return wrong;
  }

  private static Matrix flipped(Matrix from, boolean[] flip) {
    Matrix to = from.copy();
    float[] data = to.data();
    for (int i = 0, at = 0; i < to.rows(); i++) {
      for (int j = 0; j < flip.length; j++, at++) {
        if (flip[j]) {
          data[at] = -data[at];
        }
      }
    }
    return to;
  }
}
