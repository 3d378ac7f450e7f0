package dev.assay.recipe;

/**
 * Estimated work of one task.
 *
 * @param blas floating-point operations in matrix products and factorizations
 * @param scalar operations entry by entry
 */
public record Work(double blas, double scalar) {
  public static final Work NONE = new Work(0, 0);

  /** Both together. */
  public Work plus(Work other) {
    return new Work(blas + other.blas, scalar + other.scalar);
  }

  /** All operations. */
  public double flops() {
    return blas + scalar;
  }

  /**
   * Rough seconds on one core: 20 GF/s where BLAS works, 0.2 G operations/s where Java does. The
   * rates are a slow laptop's; the estimate is for ordering and orientation.
   */
  public double seconds() {
    return blas / 20e9 + scalar / 0.2e9;
  }
}
