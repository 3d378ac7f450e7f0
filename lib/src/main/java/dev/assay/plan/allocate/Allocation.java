package dev.assay.plan.allocate;

import java.util.List;

/**
 * One choice for every unit, and how good it is.
 *
 * @param chosen in order of units
 * @param bound no allocation within the budget loses less than this; equal to the loss where the
 *     allocation is an optimum
 */
public record Allocation(List<Choice> chosen, double bound) {
  public Allocation {
    chosen = List.copyOf(chosen);
  }

  /** Stored bytes of all units. */
  public long bytes() {
    return chosen.stream().mapToLong(Choice::bytes).sum();
  }

  /** The loss, a sum over units. */
  public double loss() {
    return loss(chosen);
  }

  static double loss(List<Choice> chosen) {
    return chosen.stream().mapToDouble(Choice::loss).sum();
  }
}
