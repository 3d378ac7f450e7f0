package dev.assay.evaluate;

import dev.assay.InputException;
import dev.assay.checkpoint.Folder;
import dev.assay.config.Suggestion;
import dev.assay.model.ModelConfig;
import dev.assay.task.Dataset;
import dev.assay.task.Glue;
import dev.assay.task.LabelMap;
import dev.assay.task.ParaphraseSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Puts tasks to models. */
public final class Judges {
  private Judges() {}

  /** The names of all tasks. */
  public static List<String> tasks() {
    List<String> names = new ArrayList<>(Glue.ids());
    names.add(ParaphraseSet.ID);
    return names;
  }

  /**
   * Reads a task's data and chooses how a model answers it.
   *
   * @param settings which task, which part of it
   * @param folder where its file is
   * @param config the model's
   * @param outputs width of the model's classification head, 0 if it has none
   * @param where the model, for messages
   * @throws InputException if the data is wrong, or the task does not fit the model
   */
  public static Judge of(
      EvaluationSettings settings, Folder folder, ModelConfig config, int outputs, String where)
      throws IOException {
    if (settings.task().equals(ParaphraseSet.ID)) {
      return new ParaphraseJudge(ParaphraseSet.read(folder, EvaluationSettings.PARAPHRASES));
    }
    Glue task =
        Glue.named(settings.task())
            .orElseThrow(
                () ->
                    new InputException(
                        "task",
                        "Unknown task '" + settings.task() + "'",
                        Suggestion.of(settings.task(), tasks())));
    if (outputs == 0 && !task.isRegression()) {
      throw new InputException(
          where,
          "The model has no classification head, which task " + task + " needs",
          "Use task = stsb or task = paraphrase, or a checkpoint fine-tuned to classify");
    }
    Dataset data = settings.limited(task.read(folder, settings.split()));
    if (outputs == 0) {
      return new SimilarityJudge(task, data);
    }
    LabelMap labels = LabelMap.of(task, outputs, byOutput(config), where);
    return task.isRegression()
        ? new RegressionJudge(task, data)
        : new ClassificationJudge(data, labels);
  }

  private static Map<Integer, String> byOutput(ModelConfig config) {
    Map<Integer, String> labels = new TreeMap<>();
    config.labels().forEach(label -> labels.put(labels.size(), label));
    return labels;
  }
}
