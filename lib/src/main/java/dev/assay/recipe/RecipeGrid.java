package dev.assay.recipe;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import dev.assay.InputException;
import dev.assay.config.Settings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Turns {@code recipes = [{method = …, key = value or list}, …]} into recipes: a list of values
 * expands to the product with all others, and entries that come to the same stages are merged.
 *
 * <p>An entry names a method, or spells its own stages: {@code {name = mine, stages = [{stage =
 * factor, rank = [8, 16], then = residual}, {stage = quantize, …}]}}. Values that several stages
 * share are {@code parameters}, see {@link Tied}.
 */
public final class RecipeGrid {
  private static final String METHOD = "method";
  private static final String NAME = "name";
  private static final String STAGES = "stages";
  private static final String PARAMETERS = "parameters";
  private static final int MOST_RECIPES = 200_000;

  private RecipeGrid() {}

  /**
   * Expands a grid.
   *
   * @param entries the blocks of {@code recipes}
   * @return distinct recipes in the order in which they first come up
   * @throws InputException if an entry is wrong
   */
  public static List<NamedRecipe> expand(List<ConfigObject> entries, Methods methods) {
    List<NamedRecipe> all = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      String where = "recipes[" + i + "]";
      List<NamedRecipe> recipes = new ArrayList<>();
      for (ConfigObject entry : products(entries.get(i))) {
        recipes.add(named(entry, where, methods));
      }
      all.addAll(entries.get(i).containsKey(METHOD) ? recipes : Labels.shortened(recipes));
    }
    Map<List<Map<String, Object>>, NamedRecipe> distinct = new LinkedHashMap<>();
    for (NamedRecipe recipe : Labels.distinct(all)) {
      distinct.merge(
          recipe.recipe().canonical(), recipe, (first, again) -> first.alsoKnownAs(again.label()));
    }
    return List.copyOf(distinct.values());
  }

  private static NamedRecipe named(ConfigObject entry, String where, Methods methods) {
    String origin = entry.origin().description();
    try {
      return entry.containsKey(METHOD)
          ? preset(entry.toConfig(), where, methods)
          : composition(entry.toConfig(), where);
    } catch (UnfitException e) {
      throw new InputException(origin + ": " + where, e.getMessage(), "Change the recipe", e);
    }
  }

  private static NamedRecipe preset(Config entry, String where, Methods methods) {
    ConfigValue value = entry.root().get(METHOD);
    String name = String.valueOf(value.unwrapped());
    Method method = methods.named(name, value.origin().description() + ": " + where);
    Config chosen = entry.withoutPath(METHOD);
    Recipe recipe = Recipe.forWeight(method.stages(chosen, where));
    Map<String, String> parameters = new TreeMap<>();
    chosen.withFallback(method.parameters()).root().forEach((k, v) -> parameters.put(k, show(v)));
    List<String> keys = List.copyOf(new TreeSet<>(chosen.root().keySet()));
    return new NamedRecipe(name, parameters, keys, recipe, List.of());
  }

  private static NamedRecipe composition(Config entry, String where) {
    Settings settings = Settings.of(entry, where);
    if (!settings.has(STAGES)) {
      throw new InputException(
          entry.origin().description(),
          where + " has neither method nor stages",
          "Name a method (method = rtn), or spell its stages (name = mine, stages = [...])");
    }
    String name = settings.text(NAME);
    Optional<Config> own = settings.optionalBlock(PARAMETERS);
    List<ConfigObject> blocks = settings.blocks(STAGES);
    settings.finish();
    Map<String, String> parameters = new TreeMap<>();
    if (own.isPresent()) {
      blocks = Tied.resolved(blocks, own.get().root(), where);
      own.get().root().forEach((key, value) -> parameters.put(key, show(value)));
    }
    Recipe recipe = Recipe.forWeight(Stages.read(blocks, where));
    for (ConfigObject block : blocks) {
      Object stage = block.get("stage").unwrapped();
      block.forEach(
          (key, value) -> {
            if (!key.equals("stage")) {
              parameters.put(stage + "." + key, show(value));
            }
          });
    }
    return new NamedRecipe(name, parameters, List.copyOf(parameters.keySet()), recipe, List.of());
  }

  private static String show(ConfigValue value) {
    return value.valueType() == ConfigValueType.OBJECT || value.valueType() == ConfigValueType.LIST
        ? value.render(ConfigRenderOptions.concise())
        : String.valueOf(value.unwrapped());
  }

  /** One object for every choice of one value from each list; keys in order of name. */
  private static List<ConfigObject> products(ConfigObject entry) {
    List<ConfigObject> products = List.of(ConfigFactory.empty().root().withOrigin(entry.origin()));
    for (String key : new TreeSet<>(entry.keySet())) {
      List<ConfigValue> choices = choices(key, entry.get(key));
      if (choices.isEmpty()) {
        throw new InputException(
            entry.get(key).origin().description(),
            key + " = [] leaves nothing to choose from",
            "Give at least one value");
      }
      checkSize(entry.get(key), (long) products.size() * choices.size());
      List<ConfigObject> grown = new ArrayList<>(products.size() * choices.size());
      for (ConfigObject product : products) {
        for (ConfigValue choice : choices) {
          grown.add(product.withValue(key, choice));
        }
      }
      products = grown;
    }
    return products;
  }

  /** Lists multiply: a slip of the pen makes more recipes than any memory holds. */
  private static void checkSize(ConfigValue at, long recipes) {
    if (recipes > MOST_RECIPES) {
      throw new InputException(
          at.origin().description(),
          "The lists of one entry of recipes come to " + recipes + " recipes or more",
          "An entry may come to " + MOST_RECIPES + "; shorten its lists");
    }
  }

  private static List<ConfigValue> choices(String key, ConfigValue value) {
    List<ConfigValue> choices = new ArrayList<>();
    if (value instanceof ConfigObject block) {
      choices.addAll(products(block));
    } else if (value instanceof ConfigList list && key.equals(STAGES)) {
      choices.addAll(sequences(list));
    } else if (value instanceof ConfigList list) {
      list.forEach(element -> choices.addAll(choices(key, element)));
    } else {
      choices.add(value);
    }
    return choices;
  }

  /** Every way of choosing within the stages of a list, which stays a list. */
  private static List<ConfigValue> sequences(ConfigList stages) {
    List<List<ConfigValue>> sequences = List.of(List.of());
    for (ConfigValue stage : stages) {
      List<ConfigValue> choices = choices("", stage);
      checkSize(stage, (long) sequences.size() * choices.size());
      List<List<ConfigValue>> grown = new ArrayList<>();
      for (List<ConfigValue> sequence : sequences) {
        for (ConfigValue choice : choices) {
          List<ConfigValue> longer = new ArrayList<>(sequence);
          longer.add(choice);
          grown.add(longer);
        }
      }
      sequences = grown;
    }
    List<ConfigValue> lists = new ArrayList<>();
    for (List<ConfigValue> sequence : sequences) {
      lists.add(ConfigValueFactory.fromIterable(sequence).withOrigin(stages.origin()));
    }
    return lists;
  }
}
