package dev.assay.plan;

import dev.assay.recipe.Need;
import dev.assay.recipe.Work;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;

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

  /**
   * Only the cells that {@code wanted} accepts on their units, and only the units that have any.
   */
  SiteTask where(BiPredicate<Unit, Cell> wanted) {
    return new SiteTask(
        site,
        units.stream()
            .map(unit -> unit.where(cell -> wanted.test(unit.unit(), cell)))
            .filter(unit -> !unit.cells().isEmpty())
            .toList());
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

  /** The matrices and their recipes, shortly, for logs. */
  public String describe() {
    return units.stream().map(UnitCells::describe).collect(Collectors.joining("; "));
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
   * effective weight and product, its factors, and what is known of its input.
   *
   * @param statistics which inputs have any: every cell's error on those is measured
   */
  long memory(StatisticsIds statistics) {
    return units.stream()
        .mapToLong(
            unit -> {
              long rows = unit.unit().weight().rows();
              long cols = unit.unit().weight().cols();
              long usual = 4 * (7 * rows * cols + (rows + cols) * Math.min(rows, cols));
              long measured = statistics.of(unit.unit().input()).isPresent() ? 8 * cols * cols : 0;
              long moments =
                  needs(unit, Need.STATISTICS) ? 32 * cols * cols + 16 * rows * cols : measured;
              // Summing it up and reading it: sums in double, and one more of the largest.
              long largest = Math.max(rows, cols);
              long fisher =
                  needs(unit, Need.FISHER)
                      ? 12 * rows * cols + 8 * (rows * rows + cols * cols + largest * largest)
                      : 0;
              return usual + moments + fisher;
            })
        .max()
        .orElse(0);
  }

  private static boolean needs(UnitCells unit, Need need) {
    return unit.cells().stream().anyMatch(cell -> cell.recipe().recipe().needs().contains(need));
  }
}
