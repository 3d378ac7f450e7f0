package dev.assay.evaluate;

import dev.assay.task.Classified;
import dev.assay.task.Dataset;
import dev.assay.task.Glue;
import dev.assay.task.Measure;
import dev.assay.task.Predictions;
import dev.assay.task.Scored;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A task with scores for a model whose head has one output.
 *
 * @param task the task
 * @param data its rows
 */
record RegressionJudge(Glue task, Dataset data) implements Judge {
  @Override
  public Output output() {
    return Output.LOGITS;
  }

  @Override
  public List<Measure> measures(Predictions outputs, long seed) {
    return Scored.of(data, outputs).measures(task.metrics(), seed);
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
        OptionalDouble.empty(),
        OptionalDouble.empty());
  }
}
