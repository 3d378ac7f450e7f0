package dev.assay.recipe.factor;

import dev.assay.linalg.Factors;
import dev.assay.linalg.WeightedSvd;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Need;
import dev.assay.recipe.State;
import java.util.Arrays;
import java.util.Set;

/**
 * ASVD (Yuan et al., arXiv 2312.05821): S = diag((mean|xⱼ|)^α + 1e-6).
 *
 * @param alpha α, 0 or more; 0 is the Frobenius norm
 */
public record Activation(double alpha) implements Norm {
  private static final double FLOOR = 1e-6;

  @Override
  public Factors factors(State state, Knowledge knowledge, int rank) {
    double[] mean = state.statistics(knowledge).meanAbs();
    double[] scale = Arrays.stream(mean).map(value -> Math.pow(value, alpha) + FLOOR).toArray();
    return knowledge.once(new Key(this, state), () -> WeightedSvd.diagonal(state.weight(), scale));
  }

  @Override
  public Set<Need> needs() {
    return Set.of(Need.STATISTICS);
  }

  @Override
  public String toString() {
    return "activation(" + alpha + ")";
  }
}
