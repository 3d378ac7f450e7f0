package dev.assay.plan.allocate;

import dev.assay.plan.Cell;
import dev.assay.plan.Ids;
import dev.assay.plan.Plan;
import dev.assay.plan.Target;
import dev.assay.plan.Trial;
import dev.assay.plan.Unit;
import dev.assay.recipe.UnfitException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A trial that an allocation chose.
 *
 * @param target the budget
 * @param bytes the budget in bytes
 * @param allocation what every unit gets, and how good it is
 */
public record Allocated(Target target, long bytes, Allocation allocation) {
  /**
   * Allocates a budget over the measured cells of a plan. Each uniform recipe within the budget is
   * among what is chosen from, so that none loses less.
   *
   * @param measured what is known of a cell; nothing of one that failed or has yet to be measured
   * @throws UnfitException if a unit has no measured cell, or the smallest store more than the
   *     budget
   */
  public static Allocated of(Target target, Plan plan, Function<Cell, Optional<Choice>> measured) {
    // By name, so that the order in which work was packed decides nothing.
    Map<String, List<Choice>> choices = new TreeMap<>();
    plan.units().forEach(unit -> choices.put(unit.name(), new ArrayList<>()));
    Map<String, List<Choice>> uniform = new LinkedHashMap<>();
    plan.each()
        .filter(cell -> target.allows(cell.recipe()))
        .forEach(
            cell ->
                measured
                    .apply(cell)
                    .ifPresent(
                        choice -> {
                          choices.get(cell.unit().name()).add(choice);
                          uniform
                              .computeIfAbsent(cell.recipe().label(), label -> new ArrayList<>())
                              .add(choice);
                        }));
    choices.forEach(
        (unit, of) -> {
          if (of.isEmpty()) {
            throw new UnfitException(
                target.label() + ": no cell of " + unit + " has been measured for it");
          }
        });
    List<Unit> units = plan.units();
    long budget = target.bytes(units);
    Optional<Allocation> best = Knapsack.solve(List.copyOf(choices.values()), budget);
    if (best.isEmpty()) {
      long weights = units.stream().mapToLong(Unit::size).sum();
      long least =
          choices.values().stream()
              .mapToLong(of -> of.stream().mapToLong(Choice::bytes).min().orElseThrow())
              .sum();
      throw new UnfitException(
          target.label()
              + ": the smallest cells store "
              + least
              + " bytes, "
              + 8.0 * least / weights
              + " bits a weight, and the budget is "
              + budget
              + " bytes");
    }
    Allocation chosen = best.get();
    boolean optimal = chosen.bound() == chosen.loss();
    for (List<Choice> same : optimal ? List.<List<Choice>>of() : uniform.values()) {
      List<Choice> ordered = new ArrayList<>(same);
      ordered.sort(Comparator.comparing(choice -> choice.cell().unit().name()));
      Allocation other = new Allocation(ordered, chosen.bound());
      if (same.size() == choices.size()
          && other.bytes() <= budget
          && other.loss() < chosen.loss()) {
        chosen = other;
      }
    }
    return new Allocated(target, budget, chosen);
  }

  /** What stands for it in the tables: a hash of what it is and of all that is said of it. */
  public String id() {
    Map<String, Object> identity = new TreeMap<>();
    identity.put("kind", "allocation");
    identity.put("name", target.label());
    identity.put("objective", target.objective().id());
    identity.put("budget", bytes);
    identity.put("cells", allocation.chosen().stream().map(choice -> choice.cell().id()).toList());
    identity.put("loss", allocation.loss());
    identity.put("bound", allocation.bound());
    return Ids.of(identity);
  }

  /** The model that it makes. */
  public Trial trial() {
    return new Trial(
        target.name(),
        target.label(),
        Trial.Origin.ALLOCATED,
        allocation.chosen().stream().map(Choice::cell).toList());
  }
}
