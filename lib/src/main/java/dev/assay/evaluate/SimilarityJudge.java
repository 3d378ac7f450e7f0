package dev.assay.evaluate;

import dev.assay.task.Classified;
import dev.assay.task.Dataset;
import dev.assay.task.Fidelity;
import dev.assay.task.Glue;
import dev.assay.task.Measure;
import dev.assay.task.Predictions;
import dev.assay.task.Scored;
import dev.assay.task.Similarity;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A task with similarity scores for a model of sentence embeddings: the cosine of a pair is its
 * score.
 *
 * @param task the task
 * @param data its rows, pairs
 */
record SimilarityJudge(Glue task, Dataset data) implements Judge {
  @Override
  public Output output() {
    return Output.EMBEDDINGS;
  }

  @Override
  public List<Measure> measures(Predictions outputs, long seed) {
    return Scored.of(data, Similarity.ofPairs(outputs)).measures(task.metrics(), seed);
  }

  @Override
  public Optional<Classified> answers(Predictions outputs) {
    return Optional.empty();
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
