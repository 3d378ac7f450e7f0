package dev.assay.recipe.factor;

import dev.assay.linalg.Factors;
import dev.assay.linalg.WeightedSvd;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Need;
import dev.assay.recipe.State;
import dev.assay.recipe.Work;
import java.util.Arrays;
import java.util.Set;

/** S = I: the Frobenius norm. The weight's own factors serve, unless the basis was changed. */
public record Frobenius() implements Norm {
  @Override
  public Factors factors(State state, Knowledge knowledge, int rank) {
    if (state.basis().isEmpty()) {
      return knowledge.factors(rank);
    }
    double[] ones = new double[state.weight().cols()];
    Arrays.fill(ones, 1);
    return knowledge.once(new Key(this, state), () -> WeightedSvd.diagonal(state.weight(), ones));
  }

  @Override
  public boolean usesFactors() {
    return true;
  }

  @Override
  public Set<Need> needs() {
    return Set.of();
  }

  @Override
  public Work work(int rows, int cols) {
    return Work.NONE;
  }

  @Override
  public String toString() {
    return "frobenius";
  }
}
