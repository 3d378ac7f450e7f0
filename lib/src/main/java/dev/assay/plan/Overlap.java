package dev.assay.plan;

import dev.assay.recipe.NamedRecipe;
import dev.assay.recipe.Need;
import dev.assay.recipe.protect.Selection;
import dev.assay.recipe.score.Score;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Two selections of entries of one weight whose overlap is measured: equal budgets, other scores.
 *
 * @param id hash of everything that determines it
 * @param a a cell that makes the one selection, first by the name of its score
 * @param b a cell that makes the other
 */
public record Overlap(String id, Cell a, Cell b) implements Serializable {
  /** Whether any two of the recipes make selections to compare. */
  static boolean any(List<NamedRecipe> recipes) {
    List<Selection> selections =
        recipes.stream()
            .map(NamedRecipe::recipe)
            .map(Selection::of)
            .flatMap(Optional::stream)
            .distinct()
            .toList();
    Set<Object> budgets = new HashSet<>();
    return selections.stream().anyMatch(selection -> !budgets.add(selection.budget()));
  }

  /**
   * All pairs of a unit's different selections with equal budgets.
   *
   * @param cells of the unit
   */
  public static List<Overlap> of(List<Cell> cells, StatisticsIds statistics, long userSeed) {
    Map<String, Cell> makers = new TreeMap<>();
    Map<String, Map<String, Object>> identities = new TreeMap<>();
    for (Cell cell : cells) {
      Selection.of(cell.recipe().recipe())
          .ifPresent(
              selection -> {
                Map<String, Object> identity = identity(cell, selection, statistics, userSeed);
                String place = selection.name() + " " + Ids.json(identity);
                makers.putIfAbsent(place, cell);
                identities.put(place, identity);
              });
    }
    List<Overlap> overlaps = new ArrayList<>();
    List<String> order = List.copyOf(makers.keySet());
    for (int i = 0; i < order.size(); i++) {
      for (int j = i + 1; j < order.size(); j++) {
        Cell a = makers.get(order.get(i));
        Cell b = makers.get(order.get(j));
        if (selection(a).budget().equals(selection(b).budget())) {
          Map<String, Object> identity = new TreeMap<>();
          identity.put("kind", "overlap");
          identity.put("version", 1);
          identity.put("weight", a.unit().matrix().weight().identity());
          identity.put("a", identities.get(order.get(i)));
          identity.put("b", identities.get(order.get(j)));
          overlaps.add(new Overlap(Ids.of(identity), a, b));
        }
      }
    }
    return overlaps;
  }

  /** What a cell's recipe selects. */
  public static Selection selection(Cell cell) {
    return Selection.of(cell.recipe().recipe()).orElseThrow();
  }

  private static Map<String, Object> identity(
      Cell cell, Selection selection, StatisticsIds statistics, long userSeed) {
    Member matrix = cell.unit().matrix();
    Score score = selection.score();
    Map<String, Object> identity = new TreeMap<>();
    identity.put("selection", selection.canonical());
    boolean factors = score.factorRank(matrix.weight().rows(), matrix.weight().cols()) > 0;
    if (factors) {
      identity.put("factors", cell.factorization().canonical());
    }
    if (score.needs().contains(Need.STATISTICS)) {
      identity.put("statistics", statistics.of(matrix.input()).orElse("none"));
    }
    if (score.needs().contains(Need.FISHER)) {
      identity.put("fisher", statistics.fisher(matrix.name()).orElse("none"));
    }
    if (score.seeded() || (factors && cell.factorization().seeded())) {
      identity.put("seed", userSeed);
    }
    return identity;
  }
}
