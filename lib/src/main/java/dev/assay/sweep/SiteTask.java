package dev.assay.sweep;

import dev.assay.recipe.Work;
import java.io.Serializable;
import java.util.List;
import java.util.function.Predicate;

/**
 * One compression task: the matrices of a site with all their cells.
 *
 * @param site its name
 * @param units at least one
 */
public record SiteTask(String site, List<UnitCells> units) implements Serializable {
  public SiteTask {
    units = List.copyOf(units);
  }

  /** Only the cells that {@code wanted} accepts, and only the units that have any. */
  public SiteTask where(Predicate<Cell> wanted) {
    return new SiteTask(
        site,
        units.stream().map(unit -> unit.where(wanted)).filter(u -> !u.cells().isEmpty()).toList());
  }

  public long cells() {
    return units.stream().mapToLong(unit -> unit.cells().size()).sum();
  }

  /** Estimated work, factors not included. */
  public Work work() {
    return units.stream().map(UnitCells::work).reduce(Work.NONE, Work::plus);
  }

  /**
   * Estimated peak heap in bytes: the largest matrix as weight, rest, scores, sorted scores, codes,
   * effective weight and product, and its factors.
   */
  public long memory() {
    return units.stream()
        .mapToLong(
            unit -> {
              long rows = unit.unit().weight().rows();
              long cols = unit.unit().weight().cols();
              return 4 * (7 * rows * cols + (rows + cols) * Math.min(rows, cols));
            })
        .max()
        .orElse(0);
  }
}
