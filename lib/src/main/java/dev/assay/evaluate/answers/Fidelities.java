package dev.assay.evaluate.answers;

import java.util.OptionalDouble;

/**
 * How a compressed model's answers differ from the dense model's.
 *
 * @param agreement share of rows with the same answer, where answers are classes
 * @param kl mean KL(dense ‖ compressed) of the class probabilities in nats, where there are logits
 * @param cosine mean cosine of both models' embeddings, where there are embeddings
 * @param pValue McNemar's exact test of equal accuracy, two-sided, where answers are classes
 */
public record Fidelities(
    OptionalDouble agreement, OptionalDouble kl, OptionalDouble cosine, OptionalDouble pValue) {
  /** Where none of them means anything. */
  public static final Fidelities NONE =
      new Fidelities(
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty());

  /** Of embeddings whose answers are no classes. */
  public static Fidelities ofCosine(double cosine) {
    return new Fidelities(
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.of(cosine),
        OptionalDouble.empty());
  }
}
