package dev.assay.plan;

import dev.assay.checkpoint.Tensor;
import dev.assay.recipe.NamedRecipe;
import dev.assay.recipe.Need;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Makes the cells of a grid on one unit after another. What ids take from a recipe is spelt once,
 * not once for each matrix; a million cells take a few seconds.
 */
final class CellMaker {
  /**
   * What an id takes from a recipe.
   *
   * @param canonical its stages, as they stand in the id
   */
  private record Spelt(NamedRecipe named, Object canonical, Set<Need> needs, boolean seeded) {
    static Spelt of(NamedRecipe named) {
      return new Spelt(
          named,
          Ids.spelt(named.recipe().canonical()),
          named.recipe().needs(),
          named.recipe().seeded());
    }
  }

  private final List<Spelt> recipes;
  private final FactorizerChoice factorizers;
  private final StatisticsIds statistics;
  private final long userSeed;

  CellMaker(SweepSettings settings, StatisticsIds statistics) {
    this.recipes = settings.recipes().stream().map(Spelt::of).toList();
    this.factorizers = settings.factorizers();
    this.statistics = statistics;
    this.userSeed = settings.seed();
  }

  /** A cell for every recipe, in order of the grid. */
  List<Cell> on(Unit unit) {
    Member matrix = unit.matrix();
    Tensor weight = matrix.weight();
    Map<Need, Object> known =
        Map.of(
            Need.STATISTICS, statistics.of(matrix.input()).orElse("none"),
            Need.FISHER, statistics.fisher(matrix.name()).orElse("none"),
            Need.PEERS, matrix.peers().stream().map(Tensor::identity).toList());
    Map<Integer, Factorization> byRank = new HashMap<>();
    List<Cell> cells = new ArrayList<>(recipes.size());
    for (Spelt recipe : recipes) {
      int rank = recipe.named().recipe().factorRank(weight.rows(), weight.cols());
      Factorization factorization =
          byRank.computeIfAbsent(rank, wanted -> factorizers.of(weight, wanted));
      String id = id(weight, recipe, factorization, known);
      cells.add(new Cell(id, unit, recipe.named(), factorization));
    }
    return cells;
  }

  private String id(
      Tensor weight, Spelt recipe, Factorization factorization, Map<Need, Object> known) {
    Map<String, Object> identity = new TreeMap<>();
    identity.put("kind", "cell");
    identity.put("version", 1);
    identity.put("weight", weight.identity());
    identity.put("recipe", recipe.canonical());
    if (factorization.needed()) {
      identity.put("factors", factorization.canonical());
    }
    recipe.needs().forEach(need -> identity.put(name(need), known.get(need)));
    if (recipe.seeded() || factorization.seeded()) {
      identity.put("seed", userSeed);
    }
    return Ids.of(identity);
  }

  private static String name(Need need) {
    return switch (need) {
      case STATISTICS -> "statistics";
      case FISHER -> "fisher";
      case PEERS -> "peers";
    };
  }
}
