package dev.assay.evaluate.pairs;

import dev.assay.InputException;
import dev.assay.checkpoint.Folder;
import dev.assay.evaluate.EvaluationSettings;
import dev.assay.evaluate.Examinee;
import dev.assay.evaluate.Task;
import dev.assay.evaluate.TaskKind;
import dev.assay.task.Example;
import dev.assay.task.Split;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The paraphrase set that comes with Assay, for models of sentence embeddings. */
public record Paraphrase() implements TaskKind {
  @Override
  public String id() {
    return "paraphrase";
  }

  @Override
  public boolean classifies() {
    return true;
  }

  @Override
  public Optional<Folder> shipped() {
    return Optional.of(new ShippedPairs());
  }

  @Override
  public String part(Split split) {
    return "test";
  }

  @Override
  public List<Example> examples(Folder data, Split split) throws IOException {
    ParaphraseSet set = ParaphraseSet.read(data, ShippedPairs.FILE);
    List<Example> all = set.data().examples();
    return Arrays.stream(set.train()).mapToObj(all::get).toList();
  }

  @Override
  public Task open(EvaluationSettings settings, Folder data, Examinee model, long seed)
      throws IOException {
    if (model.outputs() > 0) {
      throw new InputException(
          model.folder().path(),
          "The model's head has "
              + model.outputs()
              + (model.outputs() == 1 ? " output" : " outputs")
              + ", and task paraphrase needs a model of sentence embeddings",
          "Choose the task that the model was trained for, or another model.");
    }
    ParaphraseSet set = ParaphraseSet.read(data, ShippedPairs.FILE);
    return new ParaphraseTask(set, EmbeddedPairs.of(set.data(), settings, model.folder()));
  }
}
