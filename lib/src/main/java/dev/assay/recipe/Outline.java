package dev.assay.recipe;

import java.util.EnumSet;
import java.util.Set;

/**
 * What the stages of a recipe have done so far, as far as planning can tell without a matrix.
 *
 * @param facts what is so
 */
public record Outline(Set<Fact> facts) {
  /** Something that later stages have to know. */
  enum Fact {
    /** Nothing is left to represent. */
    COMPLETE,
    /** Some entries are protected. */
    FROZEN,
    /** Some entries are zero for good. */
    PRUNED,
    /** Something has been taken off, so what is left is no longer the weight itself. */
    RESIDUAL,
    /** The recipe works on a low-rank factor rather than on a weight. */
    FACTOR,
    /** The basis of the input has been changed. */
    REBASED,
    /** The input is rounded at run time. */
    ROUNDED
  }

  /** Where a recipe for a weight begins. */
  public static final Outline WEIGHT = new Outline(Set.of());

  /** Where a nested recipe for a low-rank factor begins. */
  public static final Outline FACTOR = new Outline(Set.of(Fact.FACTOR));

  public Outline {
    facts = Set.copyOf(facts);
  }

  boolean complete() {
    return facts.contains(Fact.COMPLETE);
  }

  boolean frozen() {
    return facts.contains(Fact.FROZEN);
  }

  boolean pruned() {
    return facts.contains(Fact.PRUNED);
  }

  boolean residual() {
    return facts.contains(Fact.RESIDUAL);
  }

  boolean factor() {
    return facts.contains(Fact.FACTOR);
  }

  boolean rebased() {
    return facts.contains(Fact.REBASED);
  }

  boolean rounded() {
    return facts.contains(Fact.ROUNDED);
  }

  Outline completed() {
    return with(Fact.COMPLETE);
  }

  Outline withFrozen() {
    return with(Fact.FROZEN);
  }

  Outline withPruned() {
    return with(Fact.PRUNED);
  }

  Outline withResidual() {
    return with(Fact.RESIDUAL);
  }

  Outline withBasis() {
    return with(Fact.REBASED);
  }

  Outline withRounded() {
    return with(Fact.ROUNDED);
  }

  private Outline with(Fact fact) {
    Set<Fact> grown = EnumSet.of(fact);
    grown.addAll(facts);
    return new Outline(grown);
  }
}
