package dev.assay.recipe;

import dev.assay.part.CompressedMatrix;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.Serializable;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A compression method: stages in order, the last of which leaves nothing to represent.
 *
 * <p>Two recipes with equal stages are the same recipe whatever they are called. Stages that would
 * do nothing (a budget of 0) are dropped, so that they do not make a difference.
 *
 * @param stages at least one
 */
public record Recipe(List<Stage> stages) implements Serializable {
  /**
   * Drops the stages that do nothing; {@link #forWeight} and {@link #forFactor} check the order.
   */
  public Recipe {
    stages = stages.stream().filter(stage -> !stage.idle()).toList();
  }

  /**
   * A recipe for a weight.
   *
   * @throws UnfitException if the order of its stages means nothing
   */
  public static Recipe forWeight(List<Stage> stages) {
    return new Recipe(stages).checked(Outline.WEIGHT);
  }

  /**
   * A recipe for a low-rank factor.
   *
   * @throws UnfitException if the order of its stages means nothing
   */
  public static Recipe forFactor(List<Stage> stages) {
    return new Recipe(stages).checked(Outline.FACTOR);
  }

  private Recipe checked(Outline start) {
    Outline outline = start;
    String previous = "the beginning";
    for (Stage stage : stages) {
      if (outline.complete()) {
        throw new UnfitException(
            "Stage '" + stage.name() + "' comes after '" + previous + "', which leaves nothing");
      }
      outline = stage.plan(outline);
      previous = "'" + stage.name() + "'";
    }
    if (!outline.complete()) {
      throw new UnfitException(
          "After " + previous + " something is left to represent; end with quantize or keep");
    }
    return this;
  }

  /**
   * Runs the recipe on one weight.
   *
   * @param weight W, out × in
   * @param stored the type the checkpoint holds it in
   * @throws UnfitException if a stage does not fit the matrix
   */
  public CompressedMatrix compress(Matrix weight, DType stored, Knowledge knowledge) {
    State state = State.of(weight, stored);
    for (Stage stage : stages) {
      state = stage.apply(state, knowledge);
    }
    return state.result();
  }

  /** The factorization rank the stages need of a rows × cols weight, 0 if none. */
  public int factorRank(int rows, int cols) {
    return stages.stream().mapToInt(stage -> stage.factorRank(rows, cols)).max().orElse(0);
  }

  /** What the stages have to know beside the weight's values and factors. */
  public Set<Need> needs() {
    Set<Need> needs = EnumSet.noneOf(Need.class);
    stages.forEach(stage -> needs.addAll(stage.needs()));
    return needs;
  }

  /** Whether the result depends on the user's seed. */
  public boolean seeded() {
    return stages.stream().anyMatch(Stage::seeded);
  }

  /** Whether it rounds what enters the linear, which no weight can stand for. */
  public boolean roundsInputs() {
    return stages.stream().anyMatch(Stage::roundsInputs);
  }

  /** Everything that determines the result. */
  public List<Map<String, Object>> canonical() {
    return stages.stream()
        .map(
            stage -> {
              Map<String, Object> map = new TreeMap<>(stage.canonical());
              map.put("stage", stage.name());
              return map;
            })
        .toList();
  }

  /** The stages' settings that tables have columns for; the first stage that has one decides. */
  public Map<String, Number> columns(int rows, int cols) {
    Map<String, Number> columns = new TreeMap<>();
    for (Stage stage : stages) {
      stage.columns(rows, cols).forEach(columns::putIfAbsent);
    }
    return columns;
  }

  /**
   * Checks the recipe against a rows × cols weight without running it.
   *
   * @throws UnfitException if a budget or rank is larger than the matrix
   */
  public void check(int rows, int cols) {
    stages.forEach(stage -> stage.check(rows, cols));
  }

  /** Estimated work on a rows × cols weight, metrics included. */
  public Work work(int rows, int cols) {
    Work total = new Work(0, 6.0 * rows * cols);
    for (Stage stage : stages) {
      total = total.plus(stage.work(rows, cols));
    }
    return total;
  }
}
