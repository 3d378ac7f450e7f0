package dev.assay.sweep;

import dev.assay.recipe.NamedRecipe;
import dev.assay.recipe.Recipe;
import java.io.Serializable;
import java.util.Map;
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

  static Cell of(Unit unit, NamedRecipe named, Factorization factorization, long userSeed) {
    Recipe recipe = named.recipe();
    Map<String, Object> identity = new TreeMap<>();
    identity.put("kind", "cell");
    identity.put("version", 1);
    identity.put("weight", unit.weight().identity());
    identity.put("recipe", recipe.canonical());
    if (factorization.needed()) {
      identity.put("factors", factorization.canonical());
    }
    if (recipe.seeded() || factorization.seeded()) {
      identity.put("seed", userSeed);
    }
    return new Cell(Ids.of(identity), named, factorization);
  }
}
