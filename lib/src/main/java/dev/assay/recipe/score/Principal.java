package dev.assay.recipe.score;

import dev.assay.config.Settings;
import dev.assay.part.BasisChange;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Outline;
import dev.assay.recipe.State;
import dev.assay.recipe.UnfitException;
import dev.assay.recipe.Work;
import dev.assay.tensor.Matrix;
import java.util.Map;

/**
 * |U_r Σ_r V_rᵀ|, the weight's principal structure (arXiv 2512.01343). With r = min(out, in) it is
 * the magnitude. r is capped at min(out, in). In another basis T it is |U_r Σ_r V_rᵀ·T|, the
 * structure of the weight as it was, carried over.
 *
 * @param rank r ≥ 1
 */
public record Principal(int rank) implements Score {
  static Principal read(Settings settings) {
    return new Principal(settings.integer("rank", 1, 1 << 20));
  }

  @Override
  public float[] of(State state, Knowledge knowledge) {
    int capped = factorRank(state.weight().rows(), state.weight().cols());
    Matrix principal = knowledge.factors(capped).product(capped);
    for (BasisChange change : state.basis()) {
      principal = change.into(principal);
    }
    float[] scores = principal.data();
    EntryScores.absolute(scores);
    return scores;
  }

  @Override
  public int factorRank(int rows, int cols) {
    return Math.min(rank, Math.min(rows, cols));
  }

  @Override
  public void plan(Outline before) {
    if (before.residual() || before.factor()) {
      throw new UnfitException(
          "Score "
              + canonical()
              + " is of the weight itself; it means nothing for what a low-rank stage left, nor"
              + " for a factor; use score = magnitude, or this stage before");
    }
  }

  @Override
  public Work work(int rows, int cols) {
    return new Work(2.0 * rows * cols * factorRank(rows, cols), 2.0 * rows * cols);
  }

  @Override
  public Map<String, Object> canonical() {
    return Map.of("score", "principal", "rank", rank);
  }
}
