package dev.assay.recipe;

/**
 * A recipe that cannot work on a matrix, or at all: budget larger than the matrix, rank above the
 * smaller side, stages in an order that means nothing. Deterministic: trying again will not help.
 */
public final class UnfitException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnfitException(String message) {
    super(message);
  }
}
