package dev.assay.linalg;

import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * The singular values of a matrix, or the largest of them, and what they say about its rank.
 *
 * @param sigma singular values, descending, not negative; shared, not copied
 * @param energy ‖W‖²_F of the whole matrix, also where {@code sigma} holds only a part
 * @param size min(rows, cols): how many singular values the matrix has
 */
public record Spectrum(double[] sigma, double energy, int size) {
  public Spectrum {
    if (sigma.length > size) {
      throw new IllegalArgumentException(
          sigma.length + " singular values of a matrix that has " + size);
    }
    for (int i = 0; i < sigma.length; i++) {
      if (!(sigma[i] >= 0 && (i == 0 || sigma[i] <= sigma[i - 1]) && sigma[i] < 1.0 / 0)) {
        throw new IllegalArgumentException(
            "Singular value " + i + " is not finite, not negative and descending: " + sigma[i]);
      }
    }
    if (!(energy >= 0 && energy < 1.0 / 0)) {
      throw new IllegalArgumentException("Energy is not finite and not negative: " + energy);
    }
  }

  /** Whether every singular value is here. */
  public boolean complete() {
    return sigma.length == size;
  }

  /**
   * Σ_{j≤i} σⱼ² / ‖W‖²_F for every i here: the share of the energy that rank i + 1 keeps, at most
   * 1. All ones for a zero matrix, of which nothing is missing.
   */
  public double[] cumulativeEnergy() {
    double[] share = new double[sigma.length];
    double sum = 0;
    for (int i = 0; i < sigma.length; i++) {
      sum += sigma[i] * sigma[i];
      share[i] = energy == 0 ? 1 : Math.min(1, sum / energy);
    }
    return share;
  }

  /**
   * ‖W − W_r‖_F of the best approximation of rank r (Eckart, Young 1936): √Σ_{j>r} σⱼ². Summed from
   * the small end where the spectrum is complete; else √(‖W‖²_F − Σ_{j≤r} σⱼ²), which is blurred
   * below about 1e-8·‖W‖_F.
   */
  public double residual(int rank) {
    if (rank < 0 || rank > sigma.length) {
      throw new IllegalArgumentException("Rank " + rank + " of " + sigma.length);
    }
    double sum = 0;
    if (complete()) {
      for (int i = sigma.length - 1; i >= rank; i--) {
        sum += sigma[i] * sigma[i];
      }
      return Math.sqrt(sum);
    }
    for (int i = 0; i < rank; i++) {
      sum += sigma[i] * sigma[i];
    }
    return Math.sqrt(Math.max(0, energy - sum));
  }

  /**
   * Stable rank ‖W‖²_F / σ₁² (Rudelson, Vershynin 2007), between 1 and the rank; 0 for a zero
   * matrix.
   */
  public double stableRank() {
    double largest = sigma.length == 0 ? 0 : sigma[0];
    return largest == 0 ? 0 : energy / largest / largest;
  }

  /**
   * Effective rank exp(−Σ pᵢ ln pᵢ), pᵢ = σᵢ / Σσ (Roy, Vetterli, EUSIPCO 2007): between 1 and the
   * rank; 0 for a zero matrix. Empty if the spectrum is incomplete, since the tail counts.
   */
  public OptionalDouble effectiveRank() {
    if (!complete()) {
      return OptionalDouble.empty();
    }
    double sum = Arrays.stream(sigma).sum();
    if (sum == 0) {
      return OptionalDouble.of(0);
    }
    double entropy = 0;
    for (double s : sigma) {
      double p = s / sum;
      if (p > 0) {
        entropy -= p * Math.log(p);
      }
    }
    return OptionalDouble.of(Math.exp(entropy));
  }
}
