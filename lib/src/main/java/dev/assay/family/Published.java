package dev.assay.family;

import java.util.Map;

/**
 * What every published model of a family has, and no shape tells: what makes a model without {@code
 * config.json} run.
 *
 * @param epsilon of every norm
 * @param activation of feed-forward layers
 * @param heads width to number of heads
 */
public record Published(double epsilon, Activation activation, Map<Integer, Integer> heads) {
  /**
   * BERT-base and -large (Devlin et al., 2019), its miniatures (Turc et al., 2019), MiniLM-L6 and
   * -L12 (Wang et al., 2020), and DistilBERT.
   */
  static final Published BERT =
      new Published(
          1e-12, Activation.GELU, Map.of(128, 2, 256, 4, 384, 12, 512, 8, 768, 12, 1024, 16));
}
