package dev.assay.plan;

import com.typesafe.config.ConfigObject;
import dev.assay.config.Settings;
import dev.assay.recipe.NamedRecipe;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A budget to allocate.
 *
 * @param name what the trial is called
 * @param measure what the budget is counted in
 * @param amount the budget
 * @param objective what is made small within it
 * @param recipes patterns on the labels of the recipes to choose from; none for all
 */
public record Target(
    String name, Measure measure, double amount, Objective objective, List<String> recipes) {
  public Target {
    recipes = List.copyOf(recipes);
  }

  /** What a budget is counted in. */
  public enum Measure {
    /** Stored bits per weight of the planned units. */
    BITS,
    /** Stored bytes of the planned units. */
    BYTES
  }

  /**
   * Reads {@code allocations = [{name = …, bits = […] | bytes = […], minimize = …, recipes =
   * […]}]}; a list of budgets is a target for each.
   *
   * @param grid the sweep's recipes
   * @throws dev.assay.InputException if a key or value is wrong, or a pattern chooses no recipe
   */
  public static List<Target> read(Settings settings, List<NamedRecipe> grid) {
    List<Target> targets = new ArrayList<>();
    Set<String> labels = new HashSet<>();
    for (NamedRecipe recipe : grid) {
      labels.add(recipe.name());
      labels.add(recipe.label());
      labels.addAll(recipe.aliases());
    }
    List<ConfigObject> blocks = settings.blocks("allocations");
    for (int i = 0; i < blocks.size(); i++) {
      Settings block = Settings.of(blocks.get(i).toConfig(), "allocations[" + i + "]");
      for (Target target : targets(block, grid)) {
        if (labels.contains(target.name()) || !labels.add(target.label())) {
          throw block.wrong(
              "name",
              target.name(),
              "There is a recipe or an allocation called "
                  + (labels.contains(target.name()) ? target.name() : target.label())
                  + "; give it another");
        }
        targets.add(target);
      }
    }
    return List.copyOf(targets);
  }

  private static List<Target> targets(Settings block, List<NamedRecipe> grid) {
    String name = block.text("name");
    if (name.isEmpty()) {
      throw block.wrong("name", "\"\"", "Give the allocation a name");
    }
    Measure measure = block.has("bytes") ? Measure.BYTES : Measure.BITS;
    String key = measure == Measure.BYTES ? "bytes" : "bits";
    if (block.has("bits") && block.has("bytes")) {
      throw block.wrong("bytes", block.text("bytes"), "Give either bits or bytes, not both");
    }
    Objective objective = block.choice("minimize", Objective.class, Objective.WEIGHT_ERROR);
    List<String> recipes = block.has("recipes") ? block.texts("recipes") : List.of();
    for (String pattern : recipes) {
      if (grid.stream().map(NamedRecipe::label).noneMatch(label -> matches(pattern, label))) {
        throw block.wrong(
            "recipes",
            pattern,
            "It is the label of no recipe of the grid; * stands for any characters: "
                + grid.stream().map(NamedRecipe::label).limit(8).toList());
      }
    }
    List<Target> targets = new ArrayList<>();
    for (String text : block.texts(key)) {
      targets.add(new Target(name, measure, amount(block, key, text), objective, recipes));
    }
    if (targets.isEmpty()) {
      throw block.wrong(key, "[]", "Give at least one budget");
    }
    block.finish();
    return targets;
  }

  private static boolean matches(String pattern, String label) {
    return TensorFilter.anyMatches(List.of(pattern), label);
  }

  private static double amount(Settings block, String key, String text) {
    try {
      double amount = Double.parseDouble(text.strip());
      if (amount > 0 && amount <= Long.MAX_VALUE) {
        return amount;
      }
    } catch (NumberFormatException e) {
      // Falls through to the one message for both.
    }
    throw block.wrong(key, text, "Use numbers above 0");
  }

  /** The name and the budget: {@code mixed(bits=4.25)}. */
  public String label() {
    String number =
        amount == Math.rint(amount) && amount < 1e15
            ? Long.toString((long) amount)
            : Double.toString(amount);
    return name + (measure == Measure.BYTES ? "(bytes=" : "(bits=") + number + ")";
  }

  /** The budget in stored bytes of all {@code units}, rounded down. */
  public long bytes(List<Unit> units) {
    double bytes =
        measure == Measure.BYTES
            ? amount
            : amount * units.stream().mapToLong(Unit::size).sum() / Byte.SIZE;
    return (long) Math.floor(bytes);
  }

  /** Whether a recipe may be chosen. */
  public boolean allows(NamedRecipe recipe) {
    return recipes.isEmpty() || TensorFilter.anyMatches(recipes, recipe.label());
  }
}
