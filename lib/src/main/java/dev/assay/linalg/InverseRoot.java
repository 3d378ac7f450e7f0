package dev.assay.linalg;

import dev.assay.tensor.Held;
import java.util.Arrays;

/**
 * What a column-by-column solver needs of a Hessian H: the upper triangular U with (H + λI)⁻¹ =
 * UᵀU. Where column j is changed by δ, the loss grows by δ²/Uⱼⱼ² once the columns k after it are
 * moved by −(δ/Uⱼⱼ)·Uⱼₖ, which makes up for as much of it as they can (GPTQ, arXiv:2210.17323, §3).
 *
 * @param size n
 * @param upper U, n × n row-major, zeros below the diagonal, a positive diagonal
 * @param damping λ as a multiple of the unit that was given, after it was raised
 * @param raised how often the damping was raised because the matrix was not positive definite
 */
public record InverseRoot(int size, double[] upper, double damping, int raised) implements Held {
  @Override
  public long bytes() {
    return 8L * upper.length;
  }

  private static final double FACTOR = 10;
  private static final double FIRST = 1e-6;
  private static final double LIMIT = 50;

  /**
   * Factorizes H + damping·unit·I. A matrix that is not positive definite is tried again with ten
   * times the damping (1e-6 after 0), until that is more than fifty times the unit.
   *
   * <p>Cost: 2n³/3 operations an attempt, by {@code dpotrf} of H read backwards, which makes it a
   * product of an upper triangle and its transpose, and {@code dtrtri}; H⁻¹ is never formed.
   *
   * @param unit what the damping is relative to, the mean of H's diagonal
   * @param damping 0 or more
   * @throws NumericalException if no damping within the limit helps, or H is not finite
   */
  public static InverseRoot of(Symmetric h, double unit, double damping) {
    double tried = damping;
    for (int raised = 0; ; raised++) {
      try {
        return new InverseRoot(h.size(), upper(h.plusIdentity(tried * unit)), tried, raised);
      } catch (NumericalException e) {
        double next = tried == 0 ? FIRST : FACTOR * tried;
        if (next > LIMIT) {
          throw NumericalException.stillNotPositiveDefinite(h.size(), tried, e);
        }
        tried = next;
      }
    }
  }

  /** U of a matrix whose elements it overwrites. */
  private static double[] upper(Symmetric h) {
    int n = h.size();
    double[] upper = h.data();
    reverse(upper);
    Lapack.cholesky(n, upper);
    Lapack.invertTriangular(n, upper);
    reverse(upper);
    for (int i = 0; i < n; i++) {
      Arrays.fill(upper, i * n, i * n + i, 0);
      // NaN passes some Cholesky factorizations, and infinities end as zeros.
      if (!(upper[i * n + i] > 0)) {
        throw NumericalException.notPositiveDefinite(n, n - i);
      }
    }
    if (Arrays.stream(upper).anyMatch(element -> !Double.isFinite(element))) {
      throw NumericalException.notPositiveDefinite(n, 0);
    }
    return upper;
  }

  private static void reverse(double[] data) {
    for (int i = 0, j = data.length - 1; i < j; i++, j--) {
      double element = data[i];
      data[i] = data[j];
      data[j] = element;
    }
  }
}
