package dev.assay.evaluate.glue;

import dev.assay.evaluate.answers.Classified;
import dev.assay.evaluate.answers.Fidelities;
import dev.assay.evaluate.answers.Measure;
import dev.assay.evaluate.answers.Metric;
import dev.assay.evaluate.answers.Predictions;
import dev.assay.evaluate.answers.Scored;
import dev.assay.task.Dataset;
import java.util.List;
import java.util.Optional;

/**
 * A task with scores for a model whose head has one output.
 *
 * @param metrics what is measured
 * @param data its rows
 */
record RegressionTask(List<Metric> metrics, Dataset data) implements RowTask {
  @Override
  public List<Measure> measures(Predictions outputs, long seed) {
    return Scored.of(data, outputs).measures(metrics, seed);
  }

  @Override
  public Optional<Classified> answers(Predictions outputs) {
    return Optional.empty();
  }

  @Override
  public Fidelities compare(Predictions dense, Predictions outputs) {
    return Fidelities.NONE;
  }
}
