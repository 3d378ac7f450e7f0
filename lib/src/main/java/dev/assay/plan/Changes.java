package dev.assay.plan;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import dev.assay.InputException;
import dev.assay.config.Hocon;
import dev.assay.config.Settings;
import dev.assay.recipe.Methods;
import dev.assay.recipe.NamedRecipe;
import dev.assay.recipe.RecipeGrid;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What differs between the configuration that a sweep was run with and the one it is to be run with
 * now.
 *
 * @param keys what was set otherwise, in order of key; never {@code recipes}
 * @param added recipes of now that were not there before
 * @param removed labels of recipes that are not there any more
 * @param unreadable why the recipes of before could not be read, if so; then none count as added or
 *     removed
 */
public record Changes(
    List<Change> keys, List<NamedRecipe> added, List<String> removed, Optional<String> unreadable) {
  private static final String RECIPES = "recipes";
  private static final int SHOWN = 80;

  /** Which cells a run takes up, not what they are. */
  private static final String RETRY = "retry";

  /** Recorded as what it came to, and asked for as this. */
  private static final String POOLING = "pooling";

  private static final String AUTO = "\"auto\"";

  /**
   * A key that differs.
   *
   * @param key its path
   * @param before its value as JSON, empty where it was not set
   * @param now the same of now
   */
  public record Change(String key, Optional<String> before, Optional<String> now) {
    @Override
    public String toString() {
      return key + ": " + before.orElse("(not set)") + " -> " + now.orElse("(not set)");
    }
  }

  /**
   * Compares configurations; recipes by their stages, whatever they are called.
   *
   * @param before the recorded configuration, {@link SweepSettings#resolved}
   * @param now the sweep to be
   */
  public static Changes between(String before, SweepSettings now) {
    Config then = Hocon.parse(before, "the recorded configuration");
    Map<String, String> old = values(then);
    Map<String, String> current = values(Hocon.parse(now.resolved(), "the configuration"));
    List<Change> keys = new ArrayList<>();
    TreeSet<String> names = new TreeSet<>(old.keySet());
    names.addAll(current.keySet());
    names.remove(RECIPES);
    names.remove(RETRY);
    if (AUTO.equals(current.get(POOLING))) {
      names.remove(POOLING);
    }
    for (String name : names) {
      Optional<String> was = Optional.ofNullable(old.get(name));
      Optional<String> is = Optional.ofNullable(current.get(name));
      if (!was.equals(is)) {
        keys.add(new Change(name, was, is));
      }
    }
    try {
      List<ConfigObject> blocks = Settings.of(then, "the recorded configuration").blocks(RECIPES);
      List<NamedRecipe> recipes = RecipeGrid.expand(blocks, Methods.builtIn());
      return new Changes(
          keys,
          without(now.recipes(), recipes),
          without(recipes, now.recipes()).stream().map(NamedRecipe::label).toList(),
          Optional.empty());
    } catch (InputException e) {
      return new Changes(keys, List.of(), List.of(), Optional.of(e.getMessage()));
    }
  }

  /** Whether there is no difference. */
  public boolean none() {
    return keys.isEmpty() && added.isEmpty() && removed.isEmpty() && unreadable.isEmpty();
  }

  /** All differences in one line: recipes only counted, long values cut. */
  public String brief() {
    List<String> parts = new ArrayList<>();
    keys.forEach(change -> parts.add(cut(change.toString())));
    if (unreadable.isPresent()) {
      parts.add("recipes of before cannot be read");
    } else if (!added.isEmpty() || !removed.isEmpty()) {
      parts.add("recipes: " + added.size() + " added, " + removed.size() + " removed");
    }
    return String.join("; ", parts);
  }

  private static String cut(String text) {
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN - 1) + "…";
  }

  private static List<NamedRecipe> without(List<NamedRecipe> all, List<NamedRecipe> others) {
    Set<List<Map<String, Object>>> stages =
        others.stream().map(other -> other.recipe().canonical()).collect(Collectors.toSet());
    return all.stream().filter(one -> !stages.contains(one.recipe().canonical())).toList();
  }

  private static Map<String, String> values(Config config) {
    Map<String, String> values = new TreeMap<>();
    for (Map.Entry<String, ConfigValue> entry : config.entrySet()) {
      values.put(entry.getKey(), entry.getValue().render(ConfigRenderOptions.concise()));
    }
    return values;
  }
}
