package dev.assay.jobs.steps;

import dev.assay.checkpoint.Folder;
import dev.assay.evaluate.EvaluationSettings;
import dev.assay.evaluate.Judge;
import dev.assay.evaluate.Judges;
import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.model.Encoder;
import dev.assay.model.Tokenizer;
import dev.assay.sweep.Trial;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/**
 * What the models of a sweep are asked: a task's inputs as tokens, and how answers are judged.
 *
 * @param settings which task and which part of it
 * @param judge the task
 * @param inputs its inputs as tokens
 * @param userSeed the user's seed
 */
record Question(EvaluationSettings settings, Judge judge, Inputs inputs, long userSeed) {
  /**
   * Reads the task and the model on the driver, so that what does not fit is known before any work.
   *
   * @param model path of the checkpoint
   * @throws dev.assay.InputException if the data, the tokenizer, or the model's head is wrong
   */
  static Question open(String model, EvaluationSettings settings, long userSeed, Configuration conf)
      throws IOException {
    Folder folder = HadoopFolder.open(model, conf);
    Encoder dense = TrialModels.ofThisJvm().dense(model, conf);
    Folder data =
        settings.data().isEmpty() ? new ShippedData() : HadoopFolder.open(settings.data(), conf);
    Judge judge = Judges.of(settings, data, dense.config(), dense.classes(), folder.path());
    int positions = dense.config().positions();
    int longest = settings.maxLength() == 0 ? positions : Math.min(settings.maxLength(), positions);
    try (Tokenizer tokenizer = Tokenizer.open(folder, dense.config(), longest)) {
      return new Question(settings, judge, Inputs.of(judge, tokenizer), userSeed);
    }
  }

  /** The trials whose answers are not there yet. */
  List<Trial> missing(List<Trial> trials, Set<String> known) {
    return trials.stream().filter(trial -> !known.contains(id(trial))).toList();
  }

  /** The id of a model's answers. */
  String id(Trial trial) {
    Map<String, Object> question = new TreeMap<>();
    question.put("version", 1);
    question.put("task", settings.task());
    question.put("split", settings.part());
    question.put("rows", settings.rows());
    question.put("max-length", settings.maxLength());
    question.put("data", judge.sha256());
    question.put("seed", userSeed);
    return trial.id(question);
  }

  /** What a reader of the results should know of how they came about. */
  List<String> treatments() {
    List<String> all = new ArrayList<>(judge.treatments());
    if (inputs.truncated() > 0) {
      all.add("Truncated " + inputs.truncated() + " of " + inputs.texts().size() + " inputs");
    }
    return all;
  }
}
