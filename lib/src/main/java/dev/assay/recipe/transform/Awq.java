package dev.assay.recipe.transform;

import dev.assay.config.Settings;
import dev.assay.linalg.Blas;
import dev.assay.part.ChannelScale;
import dev.assay.recipe.Joint;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Need;
import dev.assay.recipe.Outline;
import dev.assay.recipe.Stage;
import dev.assay.recipe.State;
import dev.assay.recipe.Work;
import dev.assay.recipe.quantize.Quantize;
import dev.assay.recipe.quantize.Quantizer;
import dev.assay.recipe.quantize.Quantizers;
import dev.assay.stats.InputStatistics;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Scales input channels so that rounding hurts least where activations are large (AWQ, Lin et al.,
 * arXiv:2306.00978, section 3.2; mit-han-lab/llm-awq, auto_scale.py). Tried are ratios a = 0, 1/n,
 * …, (n − 1)/n; each gives s from the mean |xⱼ| (see {@link Scaling}), brought to √(max s · min s)
 * = 1, and the loss
 *
 * <p>Σ tr(D·H·Dᵀ) / (N·Σ out), D = Q(W·diag(s))·diag(s)⁻¹ − W,
 *
 * <p>the mean squared difference of the outputs of all linears that read the input, without bias,
 * over the N calibration tokens; it is computed from H = XᵀX, exactly. The first of the least
 * losses wins, for all these linears together. With {@link Scaling#ACTIVATION}, a = 0 is s = 1, so
 * the loss is never above that of Q alone. The authors look at the output of the whole attention
 * block for query, key and value.
 *
 * <p>Cost: n products with H per linear, 2·out·in² operations each.
 *
 * @param steps n
 * @param scaling how a ratio becomes s
 * @param type what s is stored in
 * @param quantizer Q, which the search rounds with
 */
public record Awq(int steps, Scaling scaling, DType type, Quantizer quantizer) implements Stage {
  /** How a ratio a becomes scales, before they are normalized. */
  public enum Scaling {
    /** s = max(x̄^a, 10⁻⁴) with x̄ⱼ = mean |xⱼ|: llm-awq. */
    ACTIVATION,
    /**
     * s = max(x̄^a / (w̄^(1−a) + 10⁻⁴), 10⁻⁴), w̄ⱼ the mean over rows of |w| relative to the
     * largest of its granule: AutoAWQ's duo scaling.
     */
    DUO
  }

  private static final double LEAST = 1e-4;

  /** Checks that the quantizer asks for nothing. */
  public Awq {
    Quantizers.checkPlain("Stage 'awq'", quantizer);
  }

  /** Reads the stage from its block. */
  public static Awq read(Settings settings) {
    return new Awq(
        settings.integer("steps", 20, 1, 1000),
        settings.choice("scaling", Scaling.class, Scaling.ACTIVATION),
        settings.choice("channel-type", DType.class, DType.F32),
        settings.inner("quantizer", Quantizers::read));
  }

  @Override
  public String name() {
    return "awq";
  }

  /**
   * What a search has found.
   *
   * @param losses the loss of every ratio
   * @param best index of the least
   * @param scale the scales of the best ratio
   */
  record Search(List<Double> losses, int best, ChannelScale scale) {}

  @Override
  public State apply(State state, Knowledge knowledge) {
    return state.rebase(search(state, knowledge).scale());
  }

  Search search(State state, Knowledge knowledge) {
    return knowledge.once(Joint.of(this, state), () -> searched(state, knowledge));
  }

  private Search searched(State state, Knowledge knowledge) {
    InputStatistics statistics = state.statistics(knowledge);
    List<Matrix> peers = state.peers(knowledge);
    double[] weights = scaling == Scaling.DUO ? relativeMagnitudes(peers) : new double[0];
    double outputs = peers.stream().mapToDouble(Matrix::rows).sum() * statistics.tokens();
    List<Double> losses = new ArrayList<>();
    List<ChannelScale> scales = new ArrayList<>();
    int best = 0;
    for (int step = 0; step < steps; step++) {
      ChannelScale scale = scale(statistics.meanAbs(), weights, step / (double) steps);
      double loss = 0;
      for (Matrix peer : peers) {
        loss += Blas.quadraticForm(error(peer, scale, knowledge), statistics.hessian());
      }
      losses.add(loss / outputs);
      scales.add(scale);
      best = losses.get(step) < losses.get(best) ? step : best;
    }
    return new Search(losses, best, scales.get(best));
  }

  /** Q(W·T)·T⁻¹ − W. */
  private Matrix error(Matrix weight, ChannelScale scale, Knowledge knowledge) {
    Matrix error = scale.back(Quantize.rounded(quantizer, scale.into(weight), knowledge));
    for (int i = 0; i < error.size(); i++) {
      error.data()[i] -= weight.data()[i];
    }
    return error;
  }

  private ChannelScale scale(double[] activations, double[] weights, double ratio) {
    double[] raw = new double[activations.length];
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    for (int j = 0; j < raw.length; j++) {
      double divisor = scaling == Scaling.DUO ? Math.pow(weights[j], 1 - ratio) + LEAST : 1;
      raw[j] = Math.max(LEAST, Math.pow(activations[j], ratio) / divisor);
      least = Math.min(least, raw[j]);
      most = Math.max(most, raw[j]);
    }
    float[] scales = new float[raw.length];
    double norm = Math.sqrt(most * least);
    for (int j = 0; j < raw.length; j++) {
      scales[j] = (float) (raw[j] / norm);
    }
    return Transforms.channelScale(scales, type);
  }

  /** The mean over all rows of |w| / (max|w| of the granule + 10⁻⁶), of every column. */
  private double[] relativeMagnitudes(List<Matrix> peers) {
    int cols = peers.get(0).cols();
    double[] sums = new double[cols];
    int rows = 0;
    for (Matrix peer : peers) {
      float[] data = peer.data();
      int span = Math.min(quantizer.granularity().span(cols), data.length);
      for (int from = 0; from < data.length; ) {
        // A granule is the matrix, a row, or a part of one row.
        int to = span > cols ? data.length : Math.min(from + span, (from / cols + 1) * cols);
        double largest = 0;
        for (int i = from; i < to; i++) {
          largest = Math.max(largest, Math.abs(data[i]));
        }
        for (int i = from; i < to; i++) {
          sums[i % cols] += Math.abs(data[i]) / (largest + 1e-6);
        }
        from = to;
      }
      rows += peer.rows();
    }
    for (int j = 0; j < cols; j++) {
      sums[j] /= rows;
    }
    return sums;
  }

  @Override
  public Outline plan(Outline before) {
    return Transforms.planWithStatistics(name(), before);
  }

  @Override
  public Set<Need> needs() {
    return Set.of(Need.STATISTICS, Need.PEERS);
  }

  @Override
  public Map<String, Object> canonical() {
    return Map.of(
        "version",
        1,
        "steps",
        steps,
        "scaling",
        scaling.name().toLowerCase(Locale.ROOT),
        "channel-type",
        type.label(),
        "quantizer",
        quantizer.canonical());
  }

  @Override
  public Work work(int rows, int cols) {
    double size = (double) rows * cols;
    Work once = new Work(2 * size * cols, 12 * size).plus(quantizer.work(rows, cols));
    return new Work(steps * once.blas(), steps * once.scalar());
  }
}
