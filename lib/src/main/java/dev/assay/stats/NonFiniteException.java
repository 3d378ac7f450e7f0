package dev.assay.stats;

/**
 * What a model computes on the calibration's texts is not finite: nothing can be learned from it,
 * now or later. A weight before the place is damaged, or overflows.
 */
public final class NonFiniteException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  NonFiniteException(String message) {
    super(message);
  }
}
