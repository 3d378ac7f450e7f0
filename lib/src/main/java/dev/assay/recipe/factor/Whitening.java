package dev.assay.recipe.factor;

import dev.assay.linalg.Factors;
import dev.assay.linalg.NumericalException;
import dev.assay.linalg.Symmetric;
import dev.assay.linalg.WeightedSvd;
import dev.assay.part.BasisChange;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Need;
import dev.assay.recipe.State;
import dev.assay.recipe.UnfitException;
import dev.assay.recipe.Work;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * SVD-LLM's truncation-aware whitening: S·Sᵀ = H = XᵀX, so that the error is the output's on the
 * calibration tokens, ‖(W − Ŵ)·Xᵀ‖_F. No approximation of that rank has less.
 *
 * <p>An H that is singular to working precision (fewer tokens than channels, a dead channel) is
 * replaced by H + 1e-6·mean(diag H)·I. That is when a squared diagonal entry of the Cholesky factor
 * is at most 1e-12 of H's, or an eigenvalue at most 1e-12 of H's mean diagonal. The authors add
 * −λ_min + 1e-6, which depends on the scale of the inputs.
 *
 * @param root which root
 */
public record Whitening(Root root) implements Norm {
  /** Which square root S of H = S·Sᵀ; the approximations are the same but for rounding. */
  public enum Root {
    /** SVD-LLM (Wang et al., arXiv 2403.07378): the lower triangular one. */
    CHOLESKY,
    /** SVD-LLM V2 (Wang et al., arXiv 2503.12340): Q·Λ^½ of H = Q·Λ·Qᵀ. */
    EIGEN
  }

  private static final double SINGULAR = 1e-12;
  private static final double SHIFT = 1e-6;

  private record RootKey(Root root, List<BasisChange> basis) {}

  @Override
  public Factors factors(State state, Knowledge knowledge, int rank) {
    RootKey key = new RootKey(root, state.basis());
    if (root == Root.CHOLESKY) {
      double[] lower = knowledge.once(key, () -> cholesky(state.statistics(knowledge).hessian()));
      return knowledge.once(
          new Key(this, state), () -> WeightedSvd.triangular(state.weight(), lower));
    }
    Symmetric.Eigen eigen = knowledge.once(key, () -> eigen(state.statistics(knowledge).hessian()));
    return knowledge.once(new Key(this, state), () -> WeightedSvd.eigen(state.weight(), eigen));
  }

  private static double[] cholesky(Symmetric hessian) {
    try {
      double[] lower = hessian.cholesky();
      if (!singular(hessian, lower)) {
        return lower;
      }
    } catch (NumericalException e) {
      // Not positive definite: shifted below, as if it were singular.
    }
    return shifted(hessian).cholesky();
  }

  private static boolean singular(Symmetric hessian, double[] lower) {
    int n = hessian.size();
    for (int j = 0; j < n; j++) {
      double pivot = lower[j * n + j];
      if (!(pivot * pivot > SINGULAR * hessian.at(j, j))) {
        return true;
      }
    }
    return false;
  }

  private static Symmetric.Eigen eigen(Symmetric hessian) {
    Symmetric.Eigen eigen = hessian.eigen();
    double least = Arrays.stream(eigen.values()).min().orElse(0);
    if (least > SINGULAR * hessian.meanDiagonal()) {
      return eigen;
    }
    double shift = SHIFT * hessian.meanDiagonal();
    double[] shifted = Arrays.stream(eigen.values()).map(value -> value + shift).toArray();
    if (!(least + shift > 0)) {
      throw new UnfitException(
          "The inputs' second moment has the eigenvalue "
              + least
              + " at a mean diagonal of "
              + hessian.meanDiagonal()
              + ": it is not a sum of squares; calibrate on other data");
    }
    return new Symmetric.Eigen(shifted, eigen.vectors());
  }

  private static Symmetric shifted(Symmetric hessian) {
    return hessian.plusIdentity(SHIFT * hessian.meanDiagonal());
  }

  @Override
  public Set<Need> needs() {
    return Set.of(Need.STATISTICS);
  }

  @Override
  public Work work(int rows, int cols) {
    double roots = (root == Root.CHOLESKY ? 1.0 / 3 : 9) * Math.pow(cols, 3);
    return Norm.super.work(rows, cols).plus(new Work(roots + 2.0 * rows * cols * cols, 0));
  }

  @Override
  public String toString() {
    return root == Root.CHOLESKY ? "whitening" : "whitening-eigen";
  }
}
