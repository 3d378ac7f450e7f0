package dev.assay.plan;

import dev.assay.checkpoint.Tensor;
import dev.assay.recipe.Need;
import dev.assay.recipe.Work;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * One compression task: the cells of a site's units.
 *
 * @param site its name
 * @param cells at least one; those of a unit follow each other, in order of the grid
 */
public record SiteTask(String site, List<Cell> cells) implements Serializable {
  public SiteTask {
    cells = List.copyOf(cells);
  }

  /** The cells of each unit, in order. */
  public List<List<Cell>> byUnit() {
    List<List<Cell>> units = new ArrayList<>();
    int from = 0;
    for (int i = 1; i <= cells.size(); i++) {
      if (i == cells.size() || !unit(i).equals(unit(from))) {
        units.add(cells.subList(from, i));
        from = i;
      }
    }
    return units;
  }

  private String unit(int index) {
    return cells.get(index).unit().name();
  }

  /** The units, each once, in order. */
  public List<Unit> units() {
    return byUnit().stream().map(of -> of.get(0).unit()).toList();
  }

  /** Only the cells that {@code wanted} accepts. */
  SiteTask where(Predicate<Cell> wanted) {
    return new SiteTask(site, cells.stream().filter(wanted).toList());
  }

  /**
   * The same cells in tasks of at most about {@code seconds} of estimated work each, in the same
   * order, so that a long site neither holds back its results nor the end of the sweep.
   */
  public List<SiteTask> split(double seconds) {
    List<SiteTask> parts = new ArrayList<>();
    int from = 0;
    double spent = 0;
    for (int i = 0; i < cells.size(); i++) {
      double cost = cells.get(i).work().seconds();
      if (spent > 0 && spent + cost > seconds) {
        parts.add(new SiteTask(site, cells.subList(from, i)));
        from = i;
        spent = 0;
      }
      spent += cost;
    }
    parts.add(new SiteTask(site, cells.subList(from, cells.size())));
    return parts;
  }

  /** The units and their recipes, shortly, for logs. */
  public String describe() {
    return byUnit().stream().map(SiteTask::describe).collect(Collectors.joining("; "));
  }

  private static String describe(List<Cell> ofUnit) {
    Cell first = ofUnit.get(0);
    return ofUnit.size() == 1
        ? first.describe()
        : first.unit().name()
            + ", "
            + ofUnit.size()
            + " recipes from "
            + first.recipe().label()
            + " to "
            + ofUnit.get(ofUnit.size() - 1).recipe().label();
  }

  /** Estimated work, factors not included. */
  public Work work() {
    return cells.stream().map(Cell::work).reduce(Work.NONE, Work::plus);
  }

  /**
   * Estimated peak heap in bytes: the largest matrix as weight, rest, scores, sorted scores, codes,
   * effective weight and product, its factors, and what is known of its input.
   *
   * @param statistics which inputs have any: every cell's error on those is measured
   */
  long memory(StatisticsIds statistics) {
    long largest = 0;
    for (List<Cell> ofUnit : byUnit()) {
      for (Member member : ofUnit.get(0).unit().members()) {
        largest = Math.max(largest, memory(member, ofUnit, statistics));
      }
    }
    return largest;
  }

  private static long memory(Member member, List<Cell> cells, StatisticsIds statistics) {
    Tensor weight = member.weight();
    long rows = weight.rows();
    long cols = weight.cols();
    long usual = 4 * (7 * rows * cols + (rows + cols) * Math.min(rows, cols));
    long measured = statistics.of(member.input()).isPresent() ? 8 * cols * cols : 0;
    long moments = any(cells, Need.STATISTICS) ? 32 * cols * cols + 16 * rows * cols : measured;
    // Summing it up and reading it: sums in double, and one more of the largest.
    long largest = Math.max(rows, cols);
    long fisher =
        any(cells, Need.FISHER)
            ? 12 * rows * cols + 8 * (rows * rows + cols * cols + largest * largest)
            : 0;
    return usual + moments + fisher;
  }

  private static boolean any(List<Cell> cells, Need need) {
    return cells.stream().anyMatch(cell -> cell.needs(need));
  }
}
