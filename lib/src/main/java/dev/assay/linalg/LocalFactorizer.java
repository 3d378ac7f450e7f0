package dev.assay.linalg;

import dev.assay.tensor.Matrix;

/**
 * A singular value decomposition computed by one thread in this JVM. Deterministic: the same matrix
 * (and seed) gives the same bits on one back end and CPU type, whatever the thread.
 */
public sealed interface LocalFactorizer
    permits LapackFactorizer, LapackDoubleFactorizer, RandomizedFactorizer {

  /**
   * The factorizer of that kind.
   *
   * @param kind one that {@linkplain FactorizerKind#isLocal is local}
   * @param seed used by {@link FactorizerKind#RANDOMIZED} only
   * @throws IllegalArgumentException for a kind that cannot compute here
   */
  static LocalFactorizer of(FactorizerKind kind, long seed) {
    return switch (kind) {
      case LAPACK -> new LapackFactorizer();
      case LAPACK_DOUBLE -> new LapackDoubleFactorizer();
      case RANDOMIZED -> new RandomizedFactorizer(seed);
      case AUTO, MLLIB -> throw new IllegalArgumentException("No local factorizer: " + kind);
    };
  }

  FactorizerKind kind();

  /**
   * Factorizes an out × in matrix.
   *
   * @param w at least 1 × 1; not changed
   * @param rank leading triplets needed, 1 ≤ rank ≤ min(out, in)
   * @return at least {@code rank} triplets: exactly so many from a factorizer that can save work by
   *     it, else all min(out, in), since they cost nothing more
   * @throws NumericalException if an entry is not finite or LAPACK does not converge
   * @throws IllegalArgumentException if {@code rank} is out of range
   */
  Factors factorize(Matrix w, int rank);

  /** Checks what every factorizer asks of its input. */
  static void check(String routine, Matrix w, int rank) {
    if (rank < 1 || rank > Math.min(w.rows(), w.cols())) {
      throw new IllegalArgumentException("Rank " + rank + " of a " + Blas.shape(w) + " matrix");
    }
    int index = w.firstNonFinite();
    if (index >= 0) {
      throw NumericalException.nonFinite(routine, w, index);
    }
  }
}
