package dev.assay.evaluate;

import dev.assay.model.Model;
import java.io.Serializable;
import java.util.List;
import java.util.Map;

/** What a model is asked for; it travels to where the model runs. */
public interface Request extends Serializable {
  /** What it is, as part of the answers' identity. */
  String id();

  /** Keys of the configuration that were left open, with what they came to. */
  default Map<String, String> resolved() {
    return Map.of();
  }

  /**
   * Asks.
   *
   * @param batch some of a task's inputs
   * @return for each of them its numbers; how many may differ from input to input
   */
  float[][] answers(Model model, List<Inputs.Input> batch);
}
