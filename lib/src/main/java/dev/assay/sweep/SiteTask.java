package dev.assay.sweep;

import dev.assay.recipe.Work;
import java.io.Serializable;
import java.util.ArrayList;
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

  /**
   * The same cells in tasks of at most about {@code seconds} of estimated work each, in the same
   * order, so that a long site neither holds back its results nor the end of the sweep.
   */
  public List<SiteTask> split(double seconds) {
    List<SiteTask> parts = new ArrayList<>();
    List<UnitCells> taken = new ArrayList<>();
    double spent = 0;
    for (UnitCells unit : units) {
      int from = 0;
      for (int i = 0; i < unit.cells().size(); i++) {
        double cost = unit.work(unit.cells().get(i)).seconds();
        if (spent > 0 && spent + cost > seconds) {
          if (i > from) {
            taken.add(new UnitCells(unit.unit(), unit.cells().subList(from, i)));
          }
          parts.add(new SiteTask(site, taken));
          taken = new ArrayList<>();
          from = i;
          spent = 0;
        }
        spent += cost;
      }
      taken.add(new UnitCells(unit.unit(), unit.cells().subList(from, unit.cells().size())));
    }
    parts.add(new SiteTask(site, taken));
    return parts;
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
