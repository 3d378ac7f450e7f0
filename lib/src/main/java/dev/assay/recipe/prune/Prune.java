package dev.assay.recipe.prune;

import dev.assay.config.Settings;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Need;
import dev.assay.recipe.Outline;
import dev.assay.recipe.Stage;
import dev.assay.recipe.State;
import dev.assay.recipe.UnfitException;
import dev.assay.recipe.Work;
import dev.assay.recipe.score.Score;
import dev.assay.recipe.score.Scores;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Sets the lowest-scoring entries to zero for good; the others keep their values. What follows
 * stores a mask of one bit per entry and the entries that are left: {@code keep} their values,
 * {@code quantize} their codes, with scales fitted to them alone.
 *
 * @param score what makes an entry important
 * @param budget how many to prune, among which
 */
public record Prune(Score score, PruneBudget budget) implements Stage {
  /** Reads the stage from its block. */
  public static Prune read(Settings settings) {
    return new Prune(Scores.read(settings), PruneBudget.read(settings));
  }

  @Override
  public String name() {
    return "prune";
  }

  @Override
  public State apply(State state, Knowledge knowledge) {
    int cols = state.rest().cols();
    budget.check(cols);
    return state.prune(budget.lowest(score.of(state, knowledge), cols, state.frozen()));
  }

  @Override
  public Outline plan(Outline before) {
    if (before.pruned()) {
      throw new UnfitException("Stage 'prune' comes twice; use one score and one sparsity");
    }
    if (before.frozen() && budget.patterned()) {
      throw new UnfitException(
          "Stage 'prune' with pattern = "
              + budget
              + " comes after 'protect', whose entries would break the pattern; use sparsity");
    }
    score.plan(before);
    return before.withPruned();
  }

  @Override
  public boolean idle() {
    return budget.share() == 0;
  }

  @Override
  public int factorRank(int rows, int cols) {
    return score.factorRank(rows, cols);
  }

  @Override
  public Set<Need> needs() {
    return score.needs();
  }

  @Override
  public boolean seeded() {
    return score.seeded();
  }

  @Override
  public Map<String, Object> canonical() {
    Map<String, Object> map = new TreeMap<>(score.canonical());
    map.put("version", 1);
    if (budget instanceof PruneBudget.Share share) {
      map.put("sparsity", share.share());
      map.put("scope", share.scope().name().toLowerCase(Locale.ROOT));
    } else {
      map.put("pattern", budget.toString());
    }
    return map;
  }

  @Override
  public Map<String, Number> columns(int rows, int cols) {
    return Map.of("sparsity", budget.share());
  }

  @Override
  public void check(int rows, int cols) {
    budget.check(cols);
  }

  @Override
  public Work work(int rows, int cols) {
    return score.work(rows, cols).plus(new Work(0, 8.0 * rows * cols));
  }
}
