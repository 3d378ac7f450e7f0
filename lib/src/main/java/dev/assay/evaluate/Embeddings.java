package dev.assay.evaluate;

import dev.assay.InputException;
import dev.assay.checkpoint.Folder;
import dev.assay.model.Model;
import dev.assay.model.Pooling;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Sentence embeddings of length 1, as many numbers an input as hidden states are wide.
 *
 * @param pooling how hidden states become one
 * @param treatments what was assumed about it
 */
public record Embeddings(Pooling pooling, List<String> treatments) implements Request {
  /** Copies the list. */
  public Embeddings {
    treatments = List.copyOf(treatments);
  }

  /**
   * Chooses the pooling: the configuration's, the model's own, or the mean where neither says.
   *
   * @param model the checkpoint's folder
   * @throws InputException if the two contradict each other, or the model's cannot be computed
   */
  public static Embeddings of(EvaluationSettings settings, Folder model) throws IOException {
    Optional<Pooling> said = Pooling.of(model);
    Pooling pooling = settings.pooling().or(() -> said).orElse(Pooling.MEAN);
    if (said.isPresent() && said.get() != pooling) {
      throw new InputException(
          "pooling",
          pooling.id() + " is asked for, and " + model.path() + " says " + said.get().id(),
          "Leave the key out, or correct 1_Pooling/config.json in a copy of the model");
    }
    return new Embeddings(
        pooling,
        said.isEmpty() && settings.pooling().isEmpty()
            ? List.of("Pooling " + pooling.id() + ": the model does not say")
            : List.of());
  }

  @Override
  public String id() {
    return "embeddings by " + pooling.id();
  }

  @Override
  public Map<String, String> resolved() {
    return Map.of("pooling", pooling.id());
  }

  @Override
  public float[][] answers(Model model, List<Inputs.Input> batch) {
    return model.embeddings(Inputs.batch(batch), pooling);
  }
}
