package dev.assay.evaluate;

import dev.assay.task.Classified;
import dev.assay.task.Fidelity;
import dev.assay.task.Measure;
import dev.assay.task.ParaphraseSet;
import dev.assay.task.Predictions;
import dev.assay.task.Similarity;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Paraphrase or not, for a model of sentence embeddings: a pair is one if its cosine reaches a
 * threshold, which every model chooses on the train part and is judged by on the test part.
 *
 * @param set the pairs
 */
record ParaphraseJudge(ParaphraseSet set) implements Judge {
  @Override
  public List<List<String>> inputs() {
    return SimilarityJudge.singles(set.data());
  }

  @Override
  public Output output() {
    return Output.EMBEDDINGS;
  }

  @Override
  public String sha256() {
    return set.data().sha256();
  }

  @Override
  public List<String> treatments() {
    return set.data().treatments();
  }

  @Override
  public List<Measure> measures(Predictions outputs, long seed) {
    return answers(outputs).measures(ParaphraseSet.METRICS, seed);
  }

  @Override
  public Fidelities compare(Predictions dense, Predictions outputs) {
    Classified reference = answers(dense);
    Classified compressed = answers(outputs);
    return new Fidelities(
        OptionalDouble.of(compressed.agreement(reference).value()),
        OptionalDouble.empty(),
        OptionalDouble.of(Fidelity.cosine(dense, outputs)),
        OptionalDouble.of(compressed.compare(reference).p()));
  }

  private Classified answers(Predictions embeddings) {
    return set.decide(Similarity.ofPairs(embeddings)).test();
  }
}
