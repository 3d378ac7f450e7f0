package dev.assay.recipe;

import dev.assay.linalg.Symmetric;
import dev.assay.part.BasisChange;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * How important each entry w of what is still to be represented is: larger scores are protected
 * first, smaller ones pruned first.
 *
 * <p>Scores that weigh an entry by its input channel give 0 to every entry of a dead channel, one
 * that calibration saw nothing but zeros in: whatever becomes of it, the output stays.
 */
public sealed interface Score extends Serializable {
  /** |w|. */
  record Magnitude() implements Score {
    @Override
    public float[] of(State state, Knowledge knowledge) {
      float[] scores = state.rest().data().clone();
      absolute(scores);
      return scores;
    }

    @Override
    public Map<String, Object> canonical() {
      return Map.of("score", "magnitude");
    }
  }

  /**
   * A uniform random number per entry. The numbers depend on the seed and the weight but not on the
   * budget, so selections nest: what is protected at k is protected at every larger k.
   *
   * @param replicate tells several random selections apart
   */
  record Random(int replicate) implements Score {
    @Override
    public float[] of(State state, Knowledge knowledge) {
      SplittableRandom random = new SplittableRandom(knowledge.seed("random-score/" + replicate));
      float[] scores = new float[state.rest().size()];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = (random.nextLong() >>> 40) * 0x1p-24f;
      }
      return scores;
    }

    @Override
    public boolean seeded() {
      return true;
    }

    @Override
    public Map<String, Object> canonical() {
      return Map.of("score", "random", "replicate", replicate);
    }
  }

  /**
   * |U_r Σ_r V_rᵀ|, the weight's principal structure (arXiv 2512.01343). With r = min(out, in) it
   * is the magnitude. r is capped at min(out, in). In another basis T it is |U_r Σ_r V_rᵀ·T|, the
   * structure of the weight as it was, carried over.
   *
   * @param rank r ≥ 1
   */
  record Principal(int rank) implements Score {
    @Override
    public float[] of(State state, Knowledge knowledge) {
      int capped = factorRank(state.weight().rows(), state.weight().cols());
      Matrix principal = knowledge.factors(capped).product(capped);
      for (BasisChange change : state.basis()) {
        principal = change.into(principal);
      }
      float[] scores = principal.data();
      absolute(scores);
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

  /** |w|·mean|xⱼ|: AWQ's saliency (Lin et al., arXiv 2306.00978) of single entries. */
  record Awq() implements Score {
    @Override
    public float[] of(State state, Knowledge knowledge) {
      double[] mean = state.statistics(knowledge).meanAbs();
      return entries(state, (w, i, j) -> Math.abs(w) * mean[j]);
    }

    @Override
    public Set<Need> needs() {
      return Set.of(Need.STATISTICS);
    }

    @Override
    public Map<String, Object> canonical() {
      return Map.of("score", "awq");
    }
  }

  /**
   * mean|xⱼ| of the entry's column alone, AWQ's statistic: a budget takes whole columns, largest
   * first, the lower index of equal ones, and of the last one that it reaches the topmost entries.
   * The scores are the columns' places in that order, in from the first down to 1 for the last.
   */
  record AwqColumn() implements Score {
    @Override
    public float[] of(State state, Knowledge knowledge) {
      double[] mean = state.statistics(knowledge).meanAbs();
      Integer[] order = new Integer[mean.length];
      Arrays.setAll(order, j -> j);
      Arrays.sort(order, Comparator.comparingDouble((Integer j) -> -mean[j]));
      int[] place = new int[mean.length];
      for (int k = 0; k < order.length; k++) {
        place[order[k]] = mean.length - k;
      }
      return entries(state, (w, i, j) -> place[j]);
    }

    @Override
    public Set<Need> needs() {
      return Set.of(Need.STATISTICS);
    }

    @Override
    public Map<String, Object> canonical() {
      return Map.of("score", "awq-column");
    }
  }

  /**
   * (w − ŵ)²/[H⁻¹]ⱼⱼ: how much the output suffers from rounding the entry when all others of its
   * row may compensate, SpQR's sensitivity (Dettmers et al., arXiv 2306.03078, equation 2). ŵ is w
   * rounded to nearest by {@code quantizer}, fitted to all entries that are not settled yet; H is
   * damped by {@code damping}·mean(diag H)·I, and 1 on the diagonal of a dead channel.
   *
   * @param quantizer what ŵ is rounded by
   * @param damping share of the mean diagonal, 0 or more
   */
  record Spqr(Quantize quantizer, double damping) implements Score {
    private record InverseDiagonal(List<BasisChange> basis, double damping) {}

    @Override
    public float[] of(State state, Knowledge knowledge) {
      Symmetric hessian = state.statistics(knowledge).hessian();
      double[] inverse =
          knowledge.once(
              new InverseDiagonal(state.basis(), damping), () -> inverseDiagonal(hessian));
      State open = State.of(state.rest(), DType.F32).prune(state.frozen());
      Matrix rounded = quantizer.apply(open, knowledge).result().decode();
      return entries(
          state,
          (w, i, j) -> {
            double error = w - rounded.at(i, j);
            return hessian.at(j, j) == 0 ? 0 : error * error / inverse[j];
          });
    }

    private double[] inverseDiagonal(Symmetric hessian) {
      Symmetric damped = hessian.plusIdentity(damping * hessian.meanDiagonal());
      for (int j = 0; j < hessian.size(); j++) {
        if (hessian.at(j, j) == 0) {
          damped.data()[j * hessian.size() + j] = 1;
        }
      }
      return damped.inverse().diagonal();
    }

    @Override
    public Set<Need> needs() {
      return Set.of(Need.STATISTICS);
    }

    @Override
    public Work work(int rows, int cols) {
      return quantizer.work(rows, cols).plus(new Work(Math.pow(cols, 3), 4.0 * rows * cols));
    }

    @Override
    public Map<String, Object> canonical() {
      return Map.of("score", "spqr", "quantizer", quantizer.canonical(), "damping", damping);
    }
  }

  /**
   * w²·Hⱼⱼ: how much the output suffers from losing the entry when nothing compensates. It orders
   * entries as {@link Wanda} does.
   */
  record HessianDiagonal() implements Score {
    @Override
    public float[] of(State state, Knowledge knowledge) {
      double[] diagonal = state.statistics(knowledge).hessian().diagonal();
      return entries(state, (w, i, j) -> w * w * diagonal[j]);
    }

    @Override
    public Set<Need> needs() {
      return Set.of(Need.STATISTICS);
    }

    @Override
    public Map<String, Object> canonical() {
      return Map.of("score", "hessian-diagonal");
    }
  }

  /** |w|·‖xⱼ‖₂ over the calibration tokens (Wanda; Sun et al., arXiv 2306.11695). */
  record Wanda() implements Score {
    @Override
    public float[] of(State state, Knowledge knowledge) {
      double[] norms = state.statistics(knowledge).norms();
      return entries(state, (w, i, j) -> Math.abs(w) * norms[j]);
    }

    @Override
    public Set<Need> needs() {
      return Set.of(Need.STATISTICS);
    }

    @Override
    public Map<String, Object> canonical() {
      return Map.of("score", "wanda");
    }
  }

  /**
   * w²·Fᵢⱼ with the diagonal of the empirical Fisher information: how much a task's loss suffers
   * from losing the entry, to second order. F is known of the weight in its own basis only.
   */
  record FisherDiagonal() implements Score {
    @Override
    public float[] of(State state, Knowledge knowledge) {
      if (!state.basis().isEmpty()) {
        throw new UnfitException(
            "Score fisher is known in the weight's own basis only; it cannot follow a transform");
      }
      Matrix fisher = knowledge.fisher().diagonal();
      return entries(state, (w, i, j) -> w * w * fisher.at(i, j));
    }

    @Override
    public void plan(Outline before) {
      if (before.factor()) {
        throw new UnfitException(
            "Score fisher is of the weight's entries; of a low-rank factor's nothing is known");
      }
      if (before.rebased()) {
        throw new UnfitException(
            "Score fisher is known in the weight's own basis only; it cannot follow a transform");
      }
    }

    @Override
    public Set<Need> needs() {
      return Set.of(Need.FISHER);
    }

    @Override
    public Map<String, Object> canonical() {
      return Map.of("score", "fisher");
    }
  }

  /**
   * Scores every entry, row-major, out × in; none is NaN.
   *
   * @return a new array, larger is more important
   */
  float[] of(State state, Knowledge knowledge);

  /** The factorization rank needed of a rows × cols weight, 0 if none. */
  default int factorRank(int rows, int cols) {
    return 0;
  }

  /** Whether the result depends on the user's seed. */
  default boolean seeded() {
    return false;
  }

  /**
   * Checks that the score means something after what {@code before} says was done.
   *
   * @throws UnfitException if it does not
   */
  default void plan(Outline before) {}

  /** What the score has to know beside the weight's values and factors. */
  default Set<Need> needs() {
    return Set.of();
  }

  /** Estimated work on a rows × cols weight. */
  default Work work(int rows, int cols) {
    return new Work(0, 2.0 * rows * cols);
  }

  /** Everything that determines the scores. */
  Map<String, Object> canonical();

  private static void absolute(float[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.abs(values[i]);
    }
  }

  /** The score of one entry, computed in double. */
  @FunctionalInterface
  interface Entry {
    double of(double w, int row, int col);
  }

  private static float[] entries(State state, Entry entry) {
    Matrix rest = state.rest();
    float[] scores = new float[rest.size()];
    for (int i = 0, at = 0; i < rest.rows(); i++) {
      for (int j = 0; j < rest.cols(); j++, at++) {
        double score = entry.of(rest.data()[at], i, j);
        if (Double.isNaN(score)) {
          throw new UnfitException(
              "The score of entry ["
                  + i
                  + ", "
                  + j
                  + "] is NaN: what calibration learned of it is not finite; calibrate again");
        }
        scores[at] = (float) Math.min(score, Float.MAX_VALUE);
      }
    }
    return scores;
  }
}
