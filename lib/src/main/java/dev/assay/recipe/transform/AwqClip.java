package dev.assay.recipe.transform;

import dev.assay.config.Settings;
import dev.assay.linalg.Blas;
import dev.assay.linalg.Symmetric;
import dev.assay.part.Granularity;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Need;
import dev.assay.recipe.Outline;
import dev.assay.recipe.Stage;
import dev.assay.recipe.State;
import dev.assay.recipe.UnfitException;
import dev.assay.recipe.Work;
import dev.assay.recipe.quantize.Quantize;
import dev.assay.recipe.quantize.Quantizer;
import dev.assay.recipe.quantize.Quantizers;
import dev.assay.tensor.Matrix;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/**
 * Clamps weights where that makes the rounded output better (AWQ, mit-han-lab/llm-awq,
 * auto_clip.py). For every row and group of columns, bounds c = max|w|·(1 − i/20), i = 0, 1, …, are
 * tried: the group is clamped to ±c and rounded, and the loss is d·H_g·dᵀ, d the difference to the
 * group before and H_g the group's block of H = XᵀX, which is the squared error of the group's
 * share of the output over all calibration tokens (the authors take about 512 of them). The widest
 * of the best stays, and the entries beyond it are clamped for good: a later quantizer with absmax
 * sees the clamped range. Protected entries keep their own values if they are chosen afterwards.
 *
 * <p>The authors leave query and key alone; a recipe does so by leaving this stage out for them.
 *
 * @param steps how many bounds are tried, 0 for none
 * @param quantizer what the search rounds with, per row or group
 */
public record AwqClip(int steps, Quantizer quantizer) implements Stage {
  /** The most steps: the last bound is a twentieth of the largest weight. */
  public static final int MOST_STEPS = 20;

  /** Checks that there are groups to clip. */
  public AwqClip {
    Quantizers.checkPlain("Stage 'awq-clip'", quantizer);
    if (quantizer.granularity() instanceof Granularity.Tensor) {
      throw new UnfitException(
          "Stage 'awq-clip' clamps groups or rows: granularity = tensor has none");
    }
  }

  /** Reads the stage from its block. */
  public static AwqClip read(Settings settings) {
    return new AwqClip(
        settings.integer("steps", 10, 0, MOST_STEPS),
        settings.inner("quantizer", Quantizers::read));
  }

  @Override
  public String name() {
    return "awq-clip";
  }

  @Override
  public State apply(State state, Knowledge knowledge) {
    Symmetric hessian = state.statistics(knowledge).hessian();
    Matrix rest = state.rest();
    Matrix clamped = rest.copy();
    int span = quantizer.granularity().span(rest.cols());
    for (int from = 0; from < rest.cols(); from += span) {
      int to = Math.min(rest.cols(), from + span);
      clampGroup(columns(rest, from, to), hessian.block(from, to), knowledge, clamped, from);
    }
    return state.withRest(clamped);
  }

  private void clampGroup(
      Matrix group, Symmetric hessian, Knowledge knowledge, Matrix target, int column) {
    float[] largest = new float[group.rows()];
    for (int i = 0; i < group.size(); i++) {
      int row = i / group.cols();
      largest[row] = Math.max(largest[row], Math.abs(group.data()[i]));
    }
    double[] least = new double[group.rows()];
    Arrays.fill(least, Double.POSITIVE_INFINITY);
    for (int step = 0; step < steps; step++) {
      Matrix tried = clamped(group, largest, 1 - step / (double) MOST_STEPS);
      Matrix error = rounded(tried, knowledge);
      for (int i = 0; i < error.size(); i++) {
        error.data()[i] -= group.data()[i];
      }
      double[] losses = Blas.quadraticForms(error, hessian);
      for (int row = 0; row < losses.length; row++) {
        if (losses[row] < least[row]) {
          least[row] = losses[row];
          int at = row * target.cols() + column;
          System.arraycopy(tried.data(), row * group.cols(), target.data(), at, group.cols());
        }
      }
    }
  }

  private Matrix rounded(Matrix group, Knowledge knowledge) {
    return Quantize.rounded(quantizer.with(new Granularity.Row()), group, knowledge);
  }

  private static Matrix clamped(Matrix group, float[] largest, double share) {
    Matrix clamped = Matrix.zeros(group.rows(), group.cols());
    for (int i = 0; i < group.size(); i++) {
      float bound = (float) (largest[i / group.cols()] * share);
      clamped.data()[i] = Math.max(-bound, Math.min(bound, group.data()[i]));
    }
    return clamped;
  }

  private static Matrix columns(Matrix matrix, int from, int to) {
    Matrix columns = Matrix.zeros(matrix.rows(), to - from);
    for (int i = 0; i < matrix.rows(); i++) {
      System.arraycopy(
          matrix.data(), i * matrix.cols() + from, columns.data(), i * (to - from), to - from);
    }
    return columns;
  }

  @Override
  public Outline plan(Outline before) {
    if (before.factor()) {
      throw new UnfitException(
          "Stage 'awq-clip' is not supported in a recipe for a low-rank factor");
    }
    if (before.frozen() || before.pruned()) {
      throw new UnfitException("Stage 'awq-clip' clamps whole groups; protect or prune after it");
    }
    return before.withResidual();
  }

  @Override
  public boolean idle() {
    return steps == 0;
  }

  @Override
  public Set<Need> needs() {
    return Set.of(Need.STATISTICS);
  }

  @Override
  public Map<String, Object> canonical() {
    return Map.of("version", 2, "steps", steps, "quantizer", quantizer.canonical());
  }

  @Override
  public Work work(int rows, int cols) {
    double size = (double) rows * cols;
    double inner = quantizer.granularity().span(cols);
    Work once = new Work(2 * size * inner, 6 * size).plus(quantizer.work(rows, cols));
    return new Work(steps * once.blas(), steps * once.scalar());
  }
}
