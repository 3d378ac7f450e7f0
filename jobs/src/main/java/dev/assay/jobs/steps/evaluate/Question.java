package dev.assay.jobs.steps.evaluate;

import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Folder;
import dev.assay.evaluate.EvaluationSettings;
import dev.assay.evaluate.Examinee;
import dev.assay.evaluate.Inputs;
import dev.assay.evaluate.Task;
import dev.assay.evaluate.TaskKind;
import dev.assay.evaluate.Tasks;
import dev.assay.family.ModelConfig;
import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.model.Model;
import dev.assay.model.Tokenizer;
import dev.assay.plan.Ids;
import dev.assay.plan.SweepSettings;
import dev.assay.plan.Trial;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/**
 * What the models of a sweep are asked: a task, and its inputs as tokens.
 *
 * @param settings which task and which part of it
 * @param task what is asked and how answers are judged
 * @param inputs what the models read
 * @param treatments what a reader of the results should know of how they came about
 * @param identity everything that determines a model's answers, but the model's cells
 * @param userSeed the user's seed
 */
public record Question(
    EvaluationSettings settings,
    Task task,
    Inputs inputs,
    List<String> treatments,
    Map<String, Object> identity,
    long userSeed) {
  /** Raised whenever the same question gets other answers. */
  private static final int VERSION = 4;

  public Question {
    treatments = List.copyOf(treatments);
    identity = Map.copyOf(identity);
  }

  /**
   * Reads the task and the model on the driver, so that what does not fit is known before any work.
   *
   * @param model path of the checkpoint
   * @throws dev.assay.InputException if the data, the tokenizer, the pooling, or the model's head
   *     is wrong
   */
  public static Question open(
      String model, EvaluationSettings settings, long userSeed, Configuration conf)
      throws IOException {
    Folder folder = HadoopFolder.open(model, conf);
    Model dense = TrialModels.ofThisJvm().dense(model, conf);
    ModelConfig config = dense.config();
    Tasks.check(config, folder.path());
    TaskKind kind = settings.kind();
    Optional<Folder> shipped = kind.shipped();
    Folder data = shipped.isPresent() ? shipped.get() : HadoopFolder.open(settings.data(), conf);
    Task task =
        kind.open(
            settings,
            data,
            new Examinee(folder, config, dense.classes()),
            Ids.seed(userSeed, "evaluation-rows", settings.task()));
    List<String> treatments = new ArrayList<>(task.treatments());
    try (Tokenizer tokenizer = Tokenizer.open(folder, config, settings.maxLength())) {
      Inputs inputs = task.inputs(tokenizer);
      if (tokenizer.vocabulary() < config.vocabulary()) {
        treatments.add(
            "The tokenizer makes tokens below "
                + tokenizer.vocabulary()
                + ", the model has embeddings for "
                + config.vocabulary());
      }
      if (inputs.truncated() > 0) {
        treatments.add("Truncated " + inputs.truncated() + " of " + inputs.size() + " inputs");
      }
      Map<String, Object> identity = new TreeMap<>();
      identity.put("version", VERSION);
      identity.put("task", settings.task());
      identity.put("split", settings.part());
      identity.put("inputs", inputs.size());
      identity.put("max-length", settings.maxLength());
      identity.put("data", task.digest());
      identity.put("tokens", inputs.sha256());
      identity.put("request", task.request().id());
      // What config.json decides and no weight tells: heads, activation, the order of the labels.
      identity.put("config", config.toString());
      identity.put("seed", userSeed);
      return new Question(settings, task, inputs, treatments, identity, userSeed);
    }
  }

  /** The configuration with what was found out. */
  SweepSettings resolve(SweepSettings given) {
    SweepSettings resolved = given;
    for (Map.Entry<String, String> key : task.request().resolved().entrySet()) {
      resolved = resolved.resolving(key.getKey(), key.getValue());
    }
    return resolved;
  }

  /** The same of a model whose contents are known: also what no recipe compresses answers. */
  Question of(Checkpoint identified) {
    Map<String, Object> known = new TreeMap<>(identity);
    known.put("model", identified.identity());
    return new Question(settings, task, inputs, treatments, known, userSeed);
  }

  /** The id of a model's answers. */
  String id(Trial trial) {
    return trial.id(identity);
  }
}
