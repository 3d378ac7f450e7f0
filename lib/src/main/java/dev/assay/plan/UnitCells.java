package dev.assay.plan;

import dev.assay.recipe.Work;
import java.io.Serializable;
import java.util.List;
import java.util.function.Predicate;

/**
 * A unit with the cells to compute on it.
 *
 * @param unit the matrix
 * @param cells in order of the grid
 */
public record UnitCells(Unit unit, List<Cell> cells) implements Serializable {
  public UnitCells {
    cells = List.copyOf(cells);
  }

  /** Only the cells that {@code wanted} accepts. */
  public UnitCells where(Predicate<Cell> wanted) {
    return new UnitCells(unit, cells.stream().filter(wanted).toList());
  }

  /** The matrix and its recipes, shortly, for logs. */
  public String describe() {
    String first = cells.get(0).recipe().label();
    return cells.size() == 1
        ? unit.name() + ", " + first
        : unit.name()
            + ", "
            + cells.size()
            + " recipes from "
            + first
            + " to "
            + cells.get(cells.size() - 1).recipe().label();
  }

  /** Estimated work of the cells, factors not included. */
  public Work work() {
    return cells.stream().map(this::work).reduce(Work.NONE, Work::plus);
  }

  /** Estimated work of one cell on this unit. */
  Work work(Cell cell) {
    return cell.recipe().recipe().work(unit.weight().rows(), unit.weight().cols());
  }
}
