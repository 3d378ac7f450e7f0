package dev.assay.evaluate;

import dev.assay.InputException;
import dev.assay.checkpoint.Folder;
import dev.assay.config.Suggestion;
import dev.assay.family.ModelConfig;
import dev.assay.task.Dataset;
import dev.assay.task.Glue;
import dev.assay.task.LabelMap;
import dev.assay.task.ParaphraseSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Puts tasks to models. */
public final class Judges {
  private Judges() {}

  /** The names of all tasks. */
  public static List<String> tasks() {
    List<String> names = new ArrayList<>(Glue.ids());
    names.add(ParaphraseSet.ID);
    return names;
  }

  /** Whether a task's answers are right or wrong, rather than scores. */
  public static boolean classifies(String task) {
    return task.equals(ParaphraseSet.ID)
        || Glue.named(task).map(glue -> !glue.isRegression()).orElse(false);
  }

  /**
   * Checks that a model answers tasks at all, which its configuration tells.
   *
   * @param where the model, for messages
   * @throws InputException if it makes the next token
   */
  public static void check(ModelConfig config, String where) {
    if (config.family().anatomy().causal()) {
      throw new InputException(
          where,
          "Models of type "
              + config.modelType()
              + " make the next token, and no task asks for that: they can be compressed, not"
              + " evaluated",
          "Leave task out, or choose an encoder");
    }
  }

  /**
   * Reads a task's data and chooses how a model answers it.
   *
   * @param settings which task, which part of it
   * @param folder where its file is
   * @param config the model's
   * @param outputs width of the model's classification head, 0 if it has none
   * @param where the model, for messages
   * @param seed of the rows that are drawn where not all are wanted
   * @throws InputException if the data is wrong, or the task does not fit the model
   */
  public static Judge of(
      EvaluationSettings settings,
      Folder folder,
      ModelConfig config,
      int outputs,
      String where,
      long seed)
      throws IOException {
    check(config, where);
    if (settings.task().equals(ParaphraseSet.ID)) {
      if (outputs > 0) {
        throw new InputException(
            where,
            "The model's head has "
                + outputs
                + (outputs == 1 ? " output" : " outputs")
                + ", and task paraphrase needs a model of sentence embeddings",
            "Choose the task that the model was trained for, or another model.");
      }
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
    Dataset data = settings.limited(task.read(folder, settings.split()), seed);
    if (outputs == 0) {
      return new SimilarityJudge(task, data);
    }
    LabelMap labels = LabelMap.of(task, outputs, config.id2label(), where);
    return task.isRegression()
        ? new RegressionJudge(task, data)
        : new ClassificationJudge(data, labels);
  }
}
