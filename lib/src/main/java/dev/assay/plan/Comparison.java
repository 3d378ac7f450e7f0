package dev.assay.plan;

import com.typesafe.config.ConfigObject;
import dev.assay.InputException;
import dev.assay.config.Settings;
import dev.assay.config.Suggestion;
import dev.assay.recipe.NamedRecipe;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A comparison of methods that is fixed before the sweep runs: which recipes are put side by side.
 * Each pair is one test, and all pairs of a comparison are corrected together.
 *
 * @param name what the results are called
 * @param of the method that is compared
 * @param against the methods that it is compared with
 * @param where values of parameters that both recipes of a pair have, one of each list
 * @param pairBy the parameter that tells the pairs apart
 */
public record Comparison(
    String name, String of, List<String> against, Map<String, List<String>> where, String pairBy) {
  public Comparison {
    against = List.copyOf(against);
    where = Map.copyOf(where);
  }

  /**
   * Two recipes that differ in nothing but the method and the parameters that only one of the
   * methods has.
   *
   * @param value what both have for {@link Comparison#pairBy}
   */
  public record Pair(NamedRecipe a, NamedRecipe b, String value) {}

  /**
   * Reads {@code comparisons = [{name = …, of = …, against = […], where {…}, pair-by = …}]}.
   *
   * @param recipes the sweep's grid
   * @throws InputException if a method or parameter is not of the grid, or nothing is paired
   */
  static List<Comparison> read(Settings settings, List<NamedRecipe> recipes) {
    List<Comparison> comparisons = new ArrayList<>();
    Set<String> names = new HashSet<>();
    List<ConfigObject> blocks = settings.blocks("comparisons");
    for (int i = 0; i < blocks.size(); i++) {
      Settings block = Settings.of(blocks.get(i).toConfig(), "comparisons[" + i + "]");
      Comparison comparison = read(block, recipes, blocks.get(i).origin().description());
      if (!names.add(comparison.name)) {
        throw block.wrong("name", comparison.name, "Give every comparison a name of its own");
      }
      comparisons.add(comparison);
    }
    return List.copyOf(comparisons);
  }

  private static Comparison read(Settings block, List<NamedRecipe> recipes, String origin) {
    Set<String> methods = new TreeSet<>();
    recipes.forEach(recipe -> methods.add(recipe.name()));
    String name = block.text("name");
    String of = block.text("of");
    List<String> against = block.texts("against");
    List<String> all = new ArrayList<>(List.of(of));
    all.addAll(against);
    for (String method : all) {
      if (!methods.contains(method)) {
        throw block.wrong(
            method.equals(of) ? "of" : "against",
            method,
            "It is the name of no recipe. " + Suggestion.of(method, methods));
      }
    }
    Set<String> shared = shared(recipes, all);
    Map<String, List<String>> where = new LinkedHashMap<>();
    if (block.has("where")) {
      Settings values = Settings.of(block.nested("where"), "where of comparison " + name);
      for (String key : values.keys()) {
        require(values, key, key, shared);
        where.put(key, values.texts(key));
      }
    }
    String pairBy = block.text("pair-by");
    require(block, "pair-by", pairBy, shared);
    block.finish();
    Comparison comparison = new Comparison(name, of, against, where, pairBy);
    for (String method : against) {
      boolean paired =
          comparison.pairs(recipes).stream().anyMatch(pair -> pair.b().name().equals(method));
      if (!paired) {
        throw new InputException(
            origin,
            "Comparison " + name + " pairs no recipe of " + of + " with one of " + method,
            "Both must be in recipes where "
                + new TreeMap<>(where)
                + ", with equal values of all parameters that they share: "
                + String.join(", ", shared));
      }
    }
    if (against.isEmpty()) {
      throw block.wrong("against", "[]", "Name at least one method");
    }
    return comparison;
  }

  private static void require(Settings block, String key, String parameter, Set<String> shared) {
    if (!shared.contains(parameter)) {
      throw block.wrong(
          key,
          parameter,
          "It is no parameter that they share. " + Suggestion.of(parameter, shared));
    }
  }

  /** The parameters that every recipe of these methods has. */
  private static Set<String> shared(List<NamedRecipe> recipes, List<String> methods) {
    Set<String> shared = new TreeSet<>();
    recipes.forEach(recipe -> shared.addAll(recipe.parameters().keySet()));
    recipes.stream()
        .filter(recipe -> methods.contains(recipe.name()))
        .forEach(recipe -> shared.retainAll(recipe.parameters().keySet()));
    return shared;
  }

  /** The pairs among {@code recipes}, in their order. */
  public List<Pair> pairs(List<NamedRecipe> recipes) {
    List<Pair> pairs = new ArrayList<>();
    for (NamedRecipe a : recipes) {
      if (a.name().equals(of) && chosen(a)) {
        for (NamedRecipe b : recipes) {
          if (against.contains(b.name()) && !b.equals(a) && chosen(b) && alike(a, b)) {
            pairs.add(new Pair(a, b, a.parameters().get(pairBy)));
          }
        }
      }
    }
    return pairs;
  }

  private boolean chosen(NamedRecipe recipe) {
    return where.entrySet().stream()
        .allMatch(one -> one.getValue().contains(recipe.parameters().get(one.getKey())));
  }

  private static boolean alike(NamedRecipe a, NamedRecipe b) {
    return a.parameters().entrySet().stream()
        .allMatch(
            one ->
                b.parameters().getOrDefault(one.getKey(), one.getValue()).equals(one.getValue()));
  }
}
