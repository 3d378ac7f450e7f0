package dev.assay.recipe;

import dev.assay.linalg.Factors;
import dev.assay.linalg.NumericalException;
import dev.assay.linalg.Symmetric;
import dev.assay.linalg.WeightedSvd;
import dev.assay.part.BasisChange;
import dev.assay.stats.Fisher;
import dev.assay.tensor.Matrix;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * What the error of a low-rank approximation is measured by: ‖(W − Ŵ)·S‖_F for some S (in × in).
 */
public sealed interface Metric extends Serializable {
  /** S = I: the Frobenius norm. The weight's own factors serve, unless the basis was changed. */
  record Frobenius() implements Metric {
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

  /**
   * ASVD (Yuan et al., arXiv 2312.05821): S = diag((mean|xⱼ|)^α + 1e-6).
   *
   * @param alpha α, 0 or more; 0 is the Frobenius norm
   */
  record Activation(double alpha) implements Metric {
    private static final double FLOOR = 1e-6;

    @Override
    public Factors factors(State state, Knowledge knowledge, int rank) {
      double[] mean = state.statistics(knowledge).meanAbs();
      double[] scale = Arrays.stream(mean).map(value -> Math.pow(value, alpha) + FLOOR).toArray();
      return knowledge.once(
          new Key(this, state), () -> WeightedSvd.diagonal(state.weight(), scale));
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

  /** Which square root S of H = S·Sᵀ; the approximations are the same but for rounding. */
  enum Root {
    /** SVD-LLM (Wang et al., arXiv 2403.07378): the lower triangular one. */
    CHOLESKY,
    /** SVD-LLM V2 (Wang et al., arXiv 2503.12340): Q·Λ^½ of H = Q·Λ·Qᵀ. */
    EIGEN
  }

  /**
   * SVD-LLM's truncation-aware whitening: S·Sᵀ = H = XᵀX, so that the error is the output's on the
   * calibration tokens, ‖(W − Ŵ)·Xᵀ‖_F. No approximation of that rank has less.
   *
   * <p>An H that is singular to working precision (fewer tokens than channels, a dead channel) is
   * replaced by H + 1e-6·mean(diag H)·I. That is when a squared diagonal entry of the Cholesky
   * factor is at most 1e-12 of H's, or an eigenvalue at most 1e-12 of H's mean diagonal. The
   * authors add −λ_min + 1e-6, which depends on the scale of the inputs.
   *
   * @param root which root
   */
  record Whitening(Root root) implements Metric {
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
      Symmetric.Eigen eigen =
          knowledge.once(key, () -> eigen(state.statistics(knowledge).hessian()));
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
      return Metric.super.work(rows, cols).plus(new Work(roots + 2.0 * rows * cols * cols, 0));
    }

    @Override
    public String toString() {
      return root == Root.CHOLESKY ? "whitening" : "whitening-eigen";
    }
  }

  /**
   * FWSVD (Hsu et al., arXiv 2207.00112): S = diag(√fⱼ), fⱼ = Σᵢ Fᵢⱼ of the diagonal Fisher
   * information over the outputs of input channel j (a row where weights are stored in × out). fⱼ
   * is at least 1e-6 of its mean. Known in the weight's own basis only.
   */
  record FisherRows() implements Metric {
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

  /** What the factors under a metric depend on beside the input's statistics. */
  record Key(Metric metric, List<BasisChange> basis, Matrix weight) {
    Key(Metric metric, State state) {
      this(metric, state.basis(), state.weight());
    }
  }

  /**
   * U, σ and S⁻ᵀ·V of the weight in the state's basis, at least {@code rank} triples: W =
   * U·Σ·Vᵀ·S⁻¹.
   *
   * @throws UnfitException if what the metric needs is not known
   */
  Factors factors(State state, Knowledge knowledge, int rank);

  /** Whether these are the weight's own factors rather than some made for the metric. */
  default boolean usesFactors() {
    return false;
  }

  /** What the metric has to know of the weight. */
  Set<Need> needs();

  /** Estimated work on a rows × cols weight; cells that differ in rank only share it. */
  default Work work(int rows, int cols) {
    return new Work(22.0 * rows * cols * Math.min(rows, cols), 4.0 * rows * cols);
  }
}
