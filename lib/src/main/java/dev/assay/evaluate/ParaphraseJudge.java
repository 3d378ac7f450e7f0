package dev.assay.evaluate;

import dev.assay.task.Classified;
import dev.assay.task.Dataset;
import dev.assay.task.Fidelity;
import dev.assay.task.Measure;
import dev.assay.task.ParaphraseSet;
import dev.assay.task.Predictions;
import dev.assay.task.Similarity;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Paraphrase or not, for a model of sentence embeddings: a pair is one if its cosine reaches a
 * threshold, which every model chooses on the train part and is judged by on the test part.
 *
 * @param set the pairs
 */
record ParaphraseJudge(ParaphraseSet set) implements Judge {
  @Override
  public Output output() {
    return Output.EMBEDDINGS;
  }

  @Override
  public Dataset data() {
    return set.data();
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
    return set.decide(Similarity.ofPairs(embeddings)).test();
  }
}
