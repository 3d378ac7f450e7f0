package dev.assay.recipe.protect;

import dev.assay.config.Settings;
import dev.assay.part.Overlay;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Need;
import dev.assay.recipe.Outline;
import dev.assay.recipe.Stage;
import dev.assay.recipe.State;
import dev.assay.recipe.UnfitException;
import dev.assay.recipe.ValueType;
import dev.assay.recipe.Work;
import dev.assay.recipe.score.Score;
import dev.assay.recipe.score.Scores;
import dev.assay.recipe.score.TopK;
import java.util.BitSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Keeps the highest-scoring entries of a matrix as they are; later stages see only the others.
 *
 * @param score what makes an entry important
 * @param budget how many to keep, over the whole matrix
 * @param values what to store them in
 * @param indices how to store their positions
 */
public record Protect(Score score, Budget budget, ValueType values, Overlay.IndexType indices)
    implements Stage {

  /** Reads the stage from its block. */
  public static Protect read(Settings settings) {
    return new Protect(
        Scores.read(settings),
        Budget.read(settings),
        settings.choice("value-type", ValueType.class, ValueType.SOURCE),
        settings.choice("index-type", Overlay.IndexType.class, Overlay.IndexType.I32));
  }

  @Override
  public String name() {
    return "protect";
  }

  @Override
  public State apply(State state, Knowledge knowledge) {
    check(state.rest().rows(), state.rest().cols());
    int count = budget.entries(state.rest().rows(), state.rest().cols());
    BitSet top = TopK.indices(score.of(state, knowledge), count);
    return state.protect(top, new Overlay(state.weight(), top, values.of(state.stored()), indices));
  }

  @Override
  public Outline plan(Outline before) {
    if (before.frozen()) {
      throw new UnfitException("Stage 'protect' comes twice; use one score and one budget");
    }
    if (before.pruned()) {
      throw new UnfitException(
          "Stage 'protect' comes after 'prune', which leaves nothing of what it takes; protect"
              + " before");
    }
    score.plan(before);
    return before.withFrozen();
  }

  @Override
  public boolean idle() {
    return budget.nothing();
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
    map.put("keep", budget.toString());
    map.put("value-type", values.label());
    map.put("index-type", indices.name().toLowerCase(Locale.ROOT));
    return map;
  }

  @Override
  public Map<String, Number> columns(int rows, int cols) {
    Map<String, Number> columns = new TreeMap<>();
    columns.put("keep", budget.wanted(rows, cols));
    int rank = score.factorRank(rows, cols);
    if (rank > 0) {
      columns.put("rank", rank);
    }
    return columns;
  }

  @Override
  public void check(int rows, int cols) {
    budget.entries(rows, cols);
    checkColumns(indices, cols);
  }

  /**
   * Checks that positions can be stored.
   *
   * @throws UnfitException if the matrix has more columns than {@code indices} can tell apart
   */
  public static void checkColumns(Overlay.IndexType indices, int cols) {
    if (indices == Overlay.IndexType.CSR16 && cols > Overlay.CSR16_COLUMNS) {
      throw new UnfitException(
          "index-type = csr16 holds columns below 65536, the matrix has " + cols + "; use i32");
    }
  }

  @Override
  public Work work(int rows, int cols) {
    return score.work(rows, cols).plus(new Work(0, 6.0 * rows * cols));
  }
}
