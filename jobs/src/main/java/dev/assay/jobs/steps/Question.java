package dev.assay.jobs.steps;

import dev.assay.InputException;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Folder;
import dev.assay.evaluate.EvaluationSettings;
import dev.assay.evaluate.Judge;
import dev.assay.evaluate.Judges;
import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.model.Encoder;
import dev.assay.model.ModelConfig;
import dev.assay.model.Pooling;
import dev.assay.model.Tokenizer;
import dev.assay.sweep.Ids;
import dev.assay.sweep.SweepSettings;
import dev.assay.sweep.Trial;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/**
 * What the models of a sweep are asked: a task's inputs as tokens, and how answers are judged.
 *
 * @param settings which task and which part of it
 * @param judge the task
 * @param inputs its inputs as tokens
 * @param readout what is taken from a model
 * @param treatments what a reader of the results should know of how they came about
 * @param identity everything that determines a model's answers, but the model's cells
 * @param userSeed the user's seed
 */
record Question(
    EvaluationSettings settings,
    Judge judge,
    Inputs inputs,
    Readout readout,
    List<String> treatments,
    Map<String, Object> identity,
    long userSeed) {
  Question {
    treatments = List.copyOf(treatments);
    identity = Map.copyOf(identity);
  }

  /**
   * Reads the task and the model on the driver, so that what does not fit is known before any work.
   *
   * @param model path of the checkpoint
   * @throws InputException if the data, the tokenizer, the pooling, or the model's head is wrong
   */
  static Question open(String model, EvaluationSettings settings, long userSeed, Configuration conf)
      throws IOException {
    Folder folder = HadoopFolder.open(model, conf);
    Encoder dense = TrialModels.ofThisJvm().dense(model, conf);
    ModelConfig config = dense.config();
    Folder data =
        settings.data().isEmpty() ? new ShippedData() : HadoopFolder.open(settings.data(), conf);
    Judge judge =
        Judges.of(
            settings,
            data,
            config,
            dense.classes(),
            folder.path(),
            Ids.seed(userSeed, "evaluation-rows", settings.task()));
    List<String> treatments = new ArrayList<>(judge.treatments());
    Readout readout = new Readout(judge.output(), pooling(settings, judge, folder, treatments));
    int positions = config.positions();
    int longest = settings.maxLength() == 0 ? positions : Math.min(settings.maxLength(), positions);
    try (Tokenizer tokenizer = Tokenizer.open(folder, config, longest)) {
      Inputs inputs = Inputs.of(judge.inputs(), settings.prefix(), tokenizer);
      if (tokenizer.vocabulary() < config.vocabulary()) {
        treatments.add(
            "The tokenizer makes tokens below "
                + tokenizer.vocabulary()
                + ", the model has embeddings for "
                + config.vocabulary());
      }
      if (inputs.truncated() > 0) {
        treatments.add(
            "Truncated " + inputs.truncated() + " of " + inputs.texts().size() + " inputs");
      }
      Map<String, Object> identity = new TreeMap<>();
      identity.put("version", 3);
      identity.put("task", settings.task());
      identity.put("split", settings.part());
      identity.put("inputs", inputs.texts().size());
      identity.put("max-length", settings.maxLength());
      identity.put("data", judge.data().sha256());
      identity.put("tokens", inputs.sha256());
      identity.put("pooling", readout.pooling().id());
      // What config.json decides and no weight tells: heads, activation, the order of the labels.
      identity.put("config", config.toString());
      identity.put("seed", userSeed);
      return new Question(settings, judge, inputs, readout, treatments, identity, userSeed);
    }
  }

  private static Pooling pooling(
      EvaluationSettings settings, Judge judge, Folder folder, List<String> treatments)
      throws IOException {
    if (judge.output() == Judge.Output.LOGITS) {
      if (settings.pooling().isPresent() || !settings.prefix().isEmpty()) {
        throw new InputException(
            settings.pooling().isPresent() ? "pooling" : "prefix",
            "The model classifies, and the key is for models of sentence embeddings",
            "Leave it out");
      }
      return Pooling.MEAN;
    }
    Optional<Pooling> said = Pooling.of(folder);
    Pooling pooling = settings.pooling().or(() -> said).orElse(Pooling.MEAN);
    if (said.isPresent() && said.get() != pooling) {
      throw new InputException(
          "pooling",
          pooling.id() + " is asked for, and " + folder.path() + " says " + said.get().id(),
          "Leave the key out, or correct 1_Pooling/config.json in a copy of the model");
    }
    if (said.isEmpty() && settings.pooling().isEmpty()) {
      treatments.add("Pooling " + pooling.id() + ": the model does not say");
    }
    return pooling;
  }

  /** The configuration with what was found out. */
  SweepSettings resolve(SweepSettings given) {
    return judge.output() == Judge.Output.LOGITS
        ? given
        : given.resolving("pooling", readout.pooling().id());
  }

  /** The same of a model whose contents are known: also what no recipe compresses answers. */
  Question of(Checkpoint identified) {
    Map<String, Object> known = new TreeMap<>(identity);
    known.put("model", identified.identity());
    return new Question(settings, judge, inputs, readout, treatments, known, userSeed);
  }

  /** The id of a model's answers. */
  String id(Trial trial) {
    return trial.id(identity);
  }
}
