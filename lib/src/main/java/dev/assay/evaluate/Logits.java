package dev.assay.evaluate;

import dev.assay.InputException;
import dev.assay.model.Model;
import java.util.List;

/** The outputs of a classification head, as many numbers an input as it has. */
public record Logits() implements Request {
  /**
   * Asks for logits where nothing is said that is for embeddings only.
   *
   * @throws InputException if a pooling or a prefix is given
   */
  public static Logits of(EvaluationSettings settings) {
    if (settings.pooling().isPresent() || !settings.prefix().isEmpty()) {
      throw new InputException(
          settings.pooling().isPresent() ? "pooling" : "prefix",
          "The model classifies, and the key is for models of sentence embeddings",
          "Leave it out");
    }
    return new Logits();
  }

  @Override
  public String id() {
    return "logits";
  }

  @Override
  public float[][] answers(Model model, List<Inputs.Input> batch) {
    return model.logits(Inputs.batch(batch));
  }
}
