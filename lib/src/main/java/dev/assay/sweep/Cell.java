package dev.assay.sweep;

import dev.assay.checkpoint.Tensor;
import dev.assay.recipe.NamedRecipe;
import dev.assay.recipe.Need;
import dev.assay.recipe.Recipe;
import java.io.Serializable;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Recipe × unit: one row of {@code cells}.
 *
 * @param id hash of everything that determines the result
 * @param recipe what is done
 * @param factorization how the weight is factorized for it
 */
public record Cell(String id, NamedRecipe recipe, Factorization factorization)
    implements Serializable {

  static Cell of(
      Unit unit,
      NamedRecipe named,
      Factorization factorization,
      StatisticsIds statistics,
      long userSeed) {
    Recipe recipe = named.recipe();
    Map<String, Object> identity = new TreeMap<>();
    identity.put("kind", "cell");
    identity.put("version", 1);
    identity.put("weight", unit.weight().identity());
    identity.put("recipe", recipe.canonical());
    if (factorization.needed()) {
      identity.put("factors", factorization.canonical());
    }
    Set<Need> needs = recipe.needs();
    if (needs.contains(Need.STATISTICS)) {
      identity.put("statistics", statistics.of(unit.input()).orElse("none"));
    }
    if (needs.contains(Need.FISHER)) {
      identity.put("fisher", statistics.fisher(unit.name()).orElse("none"));
    }
    if (needs.contains(Need.PEERS)) {
      identity.put("peers", unit.peers().stream().map(Tensor::identity).toList());
    }
    if (recipe.seeded() || factorization.seeded()) {
      identity.put("seed", userSeed);
    }
    return new Cell(Ids.of(identity), named, factorization);
  }
}
