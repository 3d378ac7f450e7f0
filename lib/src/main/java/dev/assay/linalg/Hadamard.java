package dev.assay.linalg;

/**
 * Hadamard matrices: ±1 entries, H·Hᵀ = n·I. Orders 2^k are Sylvester's, others Paley's two
 * constructions over a prime field (Paley, On orthogonal matrices, J. Math. Phys. 12, 1933); an
 * order 2^j·p is the Kronecker product of one of either kind.
 */
public final class Hadamard {
  private Hadamard() {}

  /** Whether {@link #paley} makes a matrix of this order. */
  public static boolean isPaley(int order) {
    return order == 1 || isFirst(order) || isSecond(order);
  }

  /** n = q + 1 for a prime q ≡ 3 (mod 4). */
  private static boolean isFirst(int order) {
    return order % 4 == 0 && isPrime(order - 1);
  }

  /** n = 2·(q + 1) for a prime q ≡ 1 (mod 4). */
  private static boolean isSecond(int order) {
    return order % 4 == 0 && (order / 2 - 1) % 4 == 1 && isPrime(order / 2 - 1);
  }

  private static boolean isPrime(int number) {
    if (number < 2) {
      return false;
    }
    for (int divisor = 2; (long) divisor * divisor <= number; divisor++) {
      if (number % divisor == 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * A Hadamard matrix of order n, row-major, not symmetric in general. With Q the Jacobsthal matrix
   * Qᵢⱼ = χ(i − j) of the quadratic character χ modulo q: for n = q + 1 it is I + [0, 1ᵀ; −1, Q],
   * for n = 2(q + 1) it is C ⊗ [1, 1; 1, −1] + I ⊗ [1, −1; −1, −1] with C = [0, 1ᵀ; 1, Q].
   *
   * @throws IllegalArgumentException if {@link #isPaley} says no
   */
  public static double[] paley(int order) {
    if (order == 1) {
      return new double[] {1};
    }
    if (isFirst(order)) {
      double[] first = bordered(order - 1, -1);
      for (int i = 0; i < order; i++) {
        first[i * order + i] += 1;
      }
      return first;
    }
    if (isSecond(order)) {
      return doubled(order / 2, bordered(order / 2 - 1, 1));
    }
    throw new IllegalArgumentException("No Hadamard matrix of order " + order + " is known here");
  }

  /** [0, 1ᵀ; border, Q], of order q + 1. */
  private static double[] bordered(int q, int border) {
    int order = q + 1;
    boolean[] square = new boolean[q];
    for (long i = 1; i < q; i++) {
      square[(int) (i * i % q)] = true;
    }
    double[] matrix = new double[Math.multiplyExact(order, order)];
    for (int i = 0; i < q; i++) {
      matrix[i + 1] = 1;
      matrix[(i + 1) * order] = border;
      for (int j = 0; j < q; j++) {
        int difference = Math.floorMod(i - j, q);
        int character = difference == 0 ? 0 : square[difference] ? 1 : -1;
        matrix[(i + 1) * order + j + 1] = character;
      }
    }
    return matrix;
  }

  private static double[] doubled(int half, double[] conference) {
    int order = 2 * half;
    double[] matrix = new double[Math.multiplyExact(order, order)];
    for (int i = 0; i < half; i++) {
      for (int j = 0; j < half; j++) {
        double c = conference[i * half + j];
        double same = i == j ? 1 : 0;
        int at = 2 * i * order + 2 * j;
        matrix[at] = c + same;
        matrix[at + 1] = c - same;
        matrix[at + order] = c - same;
        matrix[at + order + 1] = -c - same;
      }
    }
    return matrix;
  }

  /**
   * Applies H ⊗ I to a vector in place by the fast Walsh–Hadamard transform, unscaled: H is
   * Sylvester's, of order {@code x.length / inner}, which must be a power of two; n·log₂ additions.
   *
   * @param inner order of the identity
   */
  public static void transform(double[] x, int inner) {
    for (int span = inner; span < x.length; span *= 2) {
      for (int block = 0; block < x.length; block += 2 * span) {
        for (int i = block; i < block + span; i++) {
          double a = x[i];
          double b = x[i + span];
          x[i] = a + b;
          x[i + span] = a - b;
        }
      }
    }
  }
}
