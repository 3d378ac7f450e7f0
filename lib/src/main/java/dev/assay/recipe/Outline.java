package dev.assay.recipe;

/**
 * What the stages of a recipe have done so far, as far as planning can tell without a matrix.
 *
 * @param complete nothing is left to represent
 * @param frozen some entries are protected
 * @param residual something has been taken off, so what is left is no longer the weight itself
 * @param factor the recipe works on a low-rank factor rather than on a weight
 */
public record Outline(boolean complete, boolean frozen, boolean residual, boolean factor) {
  /** Where a recipe for a weight begins. */
  public static final Outline WEIGHT = new Outline(false, false, false, false);

  /** Where a nested recipe for a low-rank factor begins. */
  public static final Outline FACTOR = new Outline(false, false, false, true);

  Outline completed() {
    return new Outline(true, frozen, residual, factor);
  }

  Outline withFrozen() {
    return new Outline(complete, true, residual, factor);
  }

  Outline withResidual() {
    return new Outline(complete, frozen, true, factor);
  }
}
