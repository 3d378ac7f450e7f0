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
  public enum Fact {
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

  public boolean complete() {
    return facts.contains(Fact.COMPLETE);
  }

  public boolean frozen() {
    return facts.contains(Fact.FROZEN);
  }

  public boolean pruned() {
    return facts.contains(Fact.PRUNED);
  }

  public boolean residual() {
    return facts.contains(Fact.RESIDUAL);
  }

  public boolean factor() {
    return facts.contains(Fact.FACTOR);
  }

  public boolean rebased() {
    return facts.contains(Fact.REBASED);
  }

  public boolean rounded() {
    return facts.contains(Fact.ROUNDED);
  }

  public Outline completed() {
    return with(Fact.COMPLETE);
  }

  public Outline withFrozen() {
    return with(Fact.FROZEN);
  }

  public Outline withPruned() {
    return with(Fact.PRUNED);
  }

  public Outline withResidual() {
    return with(Fact.RESIDUAL);
  }

  public Outline withBasis() {
    return with(Fact.REBASED);
  }

  public Outline withRounded() {
    return with(Fact.ROUNDED);
  }

  private Outline with(Fact fact) {
    Set<Fact> grown = EnumSet.of(fact);
    grown.addAll(facts);
    return new Outline(grown);
  }
}
