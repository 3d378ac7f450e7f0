package dev.assay.evaluate.glue;

import dev.assay.evaluate.answers.Classified;
import dev.assay.evaluate.answers.Fidelities;
import dev.assay.evaluate.answers.Fidelity;
import dev.assay.evaluate.answers.Measure;
import dev.assay.evaluate.answers.Predictions;
import dev.assay.task.Dataset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A classification task for a model with a classification head.
 *
 * @param data its rows
 * @param labels which output is which class
 */
record ClassificationTask(Dataset data, LabelMap labels) implements RowTask {
  /** Checks that there are classes. */
  ClassificationTask {
    if (labels.task().isRegression()) {
      throw new IllegalArgumentException(labels.task() + " has no classes");
    }
  }

  @Override
  public List<String> treatments() {
    List<String> all = new ArrayList<>(data.treatments());
    all.addAll(labels.treatments());
    return all;
  }

  @Override
  public List<Measure> measures(Predictions outputs, long seed) {
    return classified(outputs).measures(labels.task().metrics(), seed);
  }

  @Override
  public Optional<Classified> answers(Predictions outputs) {
    return Optional.of(classified(outputs));
  }

  @Override
  public Fidelities compare(Predictions dense, Predictions outputs) {
    Classified reference = classified(dense);
    Classified compressed = classified(outputs);
    return new Fidelities(
        OptionalDouble.of(compressed.agreement(reference).value()),
        OptionalDouble.of(Fidelity.kl(dense, outputs)),
        OptionalDouble.empty(),
        OptionalDouble.of(compressed.compare(reference).p()));
  }

  /**
   * The class of the largest logit of each row, the first of equal ones, mapped to the task's
   * numbers.
   *
   * @throws IllegalArgumentException if a row is missing, or has another number of logits than the
   *     head has outputs
   */
  Classified classified(Predictions logits) {
    logits.requireRows(data.size());
    logits.requireWidth(labels.outputs());
    int[] predicted = new int[data.size()];
    for (int row = 0; row < predicted.length; row++) {
      int largest = logits.argmax(row);
      predicted[row] = largest < 0 ? Classified.NONE : labels.number(largest);
    }
    return new Classified(labels.task().labels().size(), data.labels(), predicted);
  }
}
