package dev.assay.recipe.transform;

import dev.assay.config.Settings;
import dev.assay.part.ChannelScale;
import dev.assay.recipe.Joint;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Need;
import dev.assay.recipe.Outline;
import dev.assay.recipe.Stage;
import dev.assay.recipe.State;
import dev.assay.recipe.Work;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Moves the difficulty of quantization from activations to weights by a factor per input channel
 * (SmoothQuant, Xiao et al., arXiv:2211.10438, section 4): sⱼ = max|xⱼ|^α / max|w·ⱼ|^(1−α), where
 * the maximum of the weights, at least 10⁻⁵, is over the rows of all weights that read the input.
 * All of them get the same s. A channel that calibration saw silent gets the least s, so that it is
 * magnified if it ever speaks; a larger {@code least} bounds that.
 *
 * @param alpha α, 0 (all difficulty to the activations) to 1 (all to the weights)
 * @param least sⱼ is at least this
 * @param most sⱼ is at most this
 * @param type what s is stored in
 */
public record Smooth(double alpha, double least, double most, DType type) implements Stage {
  private static final double LEAST_WEIGHT = 1e-5;

  /** Reads the stage from its block. */
  public static Smooth read(Settings settings) {
    return new Smooth(
        settings.number("alpha", 0.5, 0, 1),
        settings.number("least", 1e-5, 1e-30, 1e30),
        settings.number("most", 1e4, 1e-30, 1e30),
        settings.choice("channel-type", DType.class, DType.F32));
  }

  @Override
  public String name() {
    return "smooth";
  }

  @Override
  public State apply(State state, Knowledge knowledge) {
    ChannelScale scale =
        knowledge.once(Joint.of(this, state), () -> channelScale(state, knowledge));
    return state.rebase(scale);
  }

  private ChannelScale channelScale(State state, Knowledge knowledge) {
    double[] activations = state.statistics(knowledge).maxAbs();
    double[] weights = columnMaxima(state.peers(knowledge), activations.length);
    float[] scales = new float[activations.length];
    for (int j = 0; j < scales.length; j++) {
      double weight = Math.max(LEAST_WEIGHT, weights[j]);
      double s = Math.pow(activations[j], alpha) / Math.pow(weight, 1 - alpha);
      scales[j] = (float) Math.max(least, Math.min(most, s));
    }
    return Transforms.channelScale(scales, type);
  }

  private static double[] columnMaxima(List<Matrix> peers, int cols) {
    double[] maxima = new double[cols];
    for (Matrix peer : peers) {
      float[] data = peer.data();
      for (int i = 0; i < data.length; i++) {
        maxima[i % cols] = Math.max(maxima[i % cols], Math.abs(data[i]));
      }
    }
    return maxima;
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
        "version", 1, "alpha", alpha, "least", least, "most", most, "channel-type", type.label());
  }

  @Override
  public Work work(int rows, int cols) {
    // H is carried into the new basis, too.
    return new Work(0, 6.0 * rows * cols + 2.0 * cols * cols);
  }
}
