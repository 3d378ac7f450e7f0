package dev.assay.recipe.factor;

import dev.assay.linalg.Factors;
import dev.assay.linalg.WeightedSvd;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Need;
import dev.assay.recipe.State;
import dev.assay.recipe.UnfitException;
import dev.assay.stats.Fisher;
import dev.assay.tensor.Matrix;
import java.util.Arrays;
import java.util.Set;

/**
 * FWSVD (Hsu et al., arXiv 2207.00112): S = diag(√fⱼ), fⱼ = Σᵢ Fᵢⱼ of the diagonal Fisher
 * information over the outputs of input channel j (a row where weights are stored in × out). fⱼ is
 * at least 1e-6 of its mean. Known in the weight's own basis only.
 */
public record FisherRows() implements Norm {
  private static final double FLOOR = 1e-6;

  private record FisherKey(Matrix weight, Matrix fisher) {}

  @Override
  public Factors factors(State state, Knowledge knowledge, int rank) {
    if (!state.basis().isEmpty()) {
      throw new UnfitException(
          "metric = fisher-rows is known in the weight's own basis only; it cannot follow a"
              + " transform");
    }
    Fisher fisher = knowledge.fisher();
    return knowledge.once(
        new FisherKey(state.weight(), fisher.diagonal()),
        () -> WeightedSvd.diagonal(state.weight(), scale(fisher)));
  }

  private static double[] scale(Fisher fisher) {
    double[] sums = fisher.columnSums();
    double mean = Arrays.stream(sums).average().orElse(0);
    if (!(mean > 0) || Double.isInfinite(mean)) {
      throw new UnfitException(
          "The gradients' squares of the weight sum to "
              + mean * sums.length
              + "; metric = fisher-rows needs some that are finite and not all 0");
    }
    return Arrays.stream(sums).map(sum -> Math.sqrt(Math.max(sum, FLOOR * mean))).toArray();
  }

  @Override
  public Set<Need> needs() {
    return Set.of(Need.FISHER);
  }

  @Override
  public String toString() {
    return "fisher-rows";
  }
}
