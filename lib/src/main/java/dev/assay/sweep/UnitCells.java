package dev.assay.sweep;

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

  /** Estimated work of the cells, factors not included. */
  public Work work() {
    int rows = unit.weight().rows();
    int cols = unit.weight().cols();
    Work total = Work.NONE;
    for (Cell cell : cells) {
      total = total.plus(cell.recipe().recipe().work(rows, cols));
    }
    return total;
  }
}
