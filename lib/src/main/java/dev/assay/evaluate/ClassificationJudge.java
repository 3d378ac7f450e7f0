package dev.assay.evaluate;

import dev.assay.task.Classified;
import dev.assay.task.Dataset;
import dev.assay.task.Fidelity;
import dev.assay.task.LabelMap;
import dev.assay.task.Measure;
import dev.assay.task.Predictions;
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
record ClassificationJudge(Dataset data, LabelMap labels) implements Judge {
  @Override
  public Output output() {
    return Output.LOGITS;
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

  private Classified classified(Predictions outputs) {
    return Classified.of(data, labels, outputs);
  }
}
