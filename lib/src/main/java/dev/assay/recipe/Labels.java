package dev.assay.recipe;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What recipes that are spelled out are called: their name and the parameters that vary. */
final class Labels {
  private Labels() {}

  /**
   * The recipes of one entry, each called by what tells it from the others; by a parameter of the
   * recipe rather than by the keys of stages that refer to it.
   */
  static List<NamedRecipe> shortened(List<NamedRecipe> recipes) {
    Map<String, Set<String>> values = new HashMap<>();
    for (NamedRecipe recipe : recipes) {
      recipe
          .parameters()
          .forEach((k, v) -> values.computeIfAbsent(k, any -> new HashSet<>()).add(v));
    }
    Set<String> varying = new TreeSet<>();
    values.forEach(
        (key, different) -> {
          if (different.size() > 1) {
            varying.add(key);
          }
        });
    Set<String> own = new TreeSet<>(varying);
    own.removeIf(key -> key.contains("."));
    List<String> keys = List.copyOf(tellsApart(recipes, own) ? own : varying);
    return recipes.stream().map(recipe -> recipe.chosenBy(keys)).toList();
  }

  private static boolean tellsApart(List<NamedRecipe> recipes, Set<String> keys) {
    Set<List<String>> seen = new HashSet<>();
    for (NamedRecipe recipe : recipes) {
      List<String> values = new ArrayList<>();
      keys.forEach(key -> values.add(recipe.parameters().get(key)));
      if (!seen.add(values)) {
        return false;
      }
    }
    return true;
  }

  /** The same, with all parameters where one label would stand for several recipes. */
  static List<NamedRecipe> distinct(List<NamedRecipe> recipes) {
    Map<String, Set<Recipe>> labelled = new HashMap<>();
    for (NamedRecipe recipe : recipes) {
      labelled.computeIfAbsent(recipe.label(), any -> new HashSet<>()).add(recipe.recipe());
    }
    return recipes.stream()
        .map(
            recipe ->
                labelled.get(recipe.label()).size() > 1
                    ? recipe.chosenBy(List.copyOf(new TreeSet<>(recipe.parameters().keySet())))
                    : recipe)
        .toList();
  }
}
