package dev.assay.evaluate.pairs;

import dev.assay.evaluate.Inputs;
import dev.assay.evaluate.Request;
import dev.assay.evaluate.Task;
import dev.assay.evaluate.answers.Classified;
import dev.assay.evaluate.answers.Fidelities;
import dev.assay.evaluate.answers.Fidelity;
import dev.assay.evaluate.answers.Measure;
import dev.assay.evaluate.answers.Predictions;
import dev.assay.model.Tokenizer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Paraphrase or not, for a model of sentence embeddings: a pair is one if its cosine reaches a
 * threshold, which every model chooses on the train part and is judged by on the test part.
 *
 * @param set the pairs, and which of them are for what
 * @param pairs the same as they are embedded
 */
record ParaphraseTask(ParaphraseSet set, EmbeddedPairs pairs) implements Task {
  @Override
  public Inputs inputs(Tokenizer tokenizer) {
    return pairs.inputs(tokenizer);
  }

  @Override
  public Request request() {
    return pairs.request();
  }

  @Override
  public String digest() {
    return pairs.data().sha256();
  }

  @Override
  public int fileInput(int input) {
    return pairs.fileInput(input);
  }

  @Override
  public List<String> treatments() {
    return pairs.treatments();
  }

  @Override
  public List<Measure> measures(Predictions outputs, long seed) {
    return decided(outputs).measures(ParaphraseSet.METRICS, seed);
  }

  @Override
  public Optional<Classified> answers(Predictions outputs) {
    return Optional.of(decided(outputs));
  }

  @Override
  public Fidelities compare(Predictions dense, Predictions outputs) {
    Classified reference = decided(dense);
    Classified compressed = decided(outputs);
    return new Fidelities(
        OptionalDouble.of(compressed.agreement(reference).value()),
        OptionalDouble.empty(),
        OptionalDouble.of(Fidelity.cosine(dense, outputs)),
        OptionalDouble.of(compressed.compare(reference).p()));
  }

  private Classified decided(Predictions embeddings) {
    return set.decide(EmbeddedPairs.similarities(embeddings)).test();
  }
}
