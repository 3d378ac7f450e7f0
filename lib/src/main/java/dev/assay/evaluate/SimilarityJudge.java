package dev.assay.evaluate;

import dev.assay.task.Dataset;
import dev.assay.task.Example;
import dev.assay.task.Fidelity;
import dev.assay.task.Glue;
import dev.assay.task.Measure;
import dev.assay.task.Predictions;
import dev.assay.task.Scored;
import dev.assay.task.Similarity;
import java.util.List;
import java.util.OptionalDouble;

/**
 * A task with similarity scores for a model of sentence embeddings: the cosine of a pair is its
 * score. Inputs are the single texts, two for each row.
 *
 * @param task the task
 * @param data its rows, pairs
 */
record SimilarityJudge(Glue task, Dataset data) implements Judge {
  @Override
  public List<List<String>> inputs() {
    return singles(data);
  }

  /** The texts of every pair one by one, numbered as {@link Similarity} expects. */
  static List<List<String>> singles(Dataset data) {
    return data.examples().stream()
        .map(Example::texts)
        .flatMap(List::stream)
        .map(List::of)
        .toList();
  }

  @Override
  public Output output() {
    return Output.EMBEDDINGS;
  }

  @Override
  public String sha256() {
    return data.sha256();
  }

  @Override
  public List<String> treatments() {
    return data.treatments();
  }

  @Override
  public List<Measure> measures(Predictions outputs, long seed) {
    return Scored.of(data, Similarity.ofPairs(outputs)).measures(task.metrics(), seed);
  }

  @Override
  public Fidelities compare(Predictions dense, Predictions outputs) {
    return new Fidelities(
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.of(Fidelity.cosine(dense, outputs)),
        OptionalDouble.empty());
  }
}
