package dev.assay.jobs.steps;

import dev.assay.InputException;
import dev.assay.evaluate.EvaluationSettings;
import dev.assay.evaluate.Fidelities;
import dev.assay.evaluate.Judge;
import dev.assay.evaluate.Judges;
import dev.assay.checkpoint.Folder;
import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.jobs.tables.ModelMetricsRow;
import dev.assay.jobs.tables.PredictionRow;
import dev.assay.model.Encoder;
import dev.assay.model.Tokenizer;
import dev.assay.sweep.Ids;
import dev.assay.sweep.Trial;
import dev.assay.task.Measure;
import dev.assay.task.Predictions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.broadcast.Broadcast;

/**
 * Evaluates compressed models on a task: trial × shard of its inputs, trial by trial, the dense
 * model first. What a model put out is put together in row order, so that nothing depends on which
 * executor computed what.
 */
final class EvaluateStep {
  private static final String DENSE = "dense";

  private final SweepContext context;
  private final EvaluationSettings settings;
  private final Judge judge;
  private final Inputs inputs;
  private final long userSeed;

  private EvaluateStep(
      SweepContext context,
      EvaluationSettings settings,
      Judge judge,
      Inputs inputs,
      long userSeed) {
    this.context = context;
    this.settings = settings;
    this.judge = judge;
    this.inputs = inputs;
    this.userSeed = userSeed;
  }

  /**
   * Reads the task and the model on the driver, so that what does not fit is known before any work.
   *
   * @throws InputException if the data, the tokenizer, or the model's head is wrong
   */
  static EvaluateStep open(SweepContext context, EvaluationSettings settings, long userSeed)
      throws IOException {
    Configuration conf = context.spark().hadoopConfiguration();
    Folder folder = HadoopFolder.open(context.model(), conf);
    Encoder dense = TrialModels.ofThisJvm().dense(context.model(), conf);
    Folder data =
        settings.data().isEmpty()
            ? new ShippedData()
            : HadoopFolder.open(settings.data(), conf);
    Judge judge =
        Judges.of(settings, data, dense.config(), dense.classes(), context.model());
    int longest =
        settings.maxLength() == 0
            ? dense.config().positions()
            : Math.min(settings.maxLength(), dense.config().positions());
    try (Tokenizer tokenizer = Tokenizer.open(folder, dense.config(), longest)) {
      return new EvaluateStep(context, settings, judge, Inputs.of(judge, tokenizer), userSeed);
    }
  }

  /** The trials whose answers are not there yet. */
  List<Trial> missing(List<Trial> trials, Set<String> known) {
    return trials.stream().filter(trial -> !known.contains(id(trial))).toList();
  }

  /** Everything but the model that determines the answers and how they are judged. */
  private String id(Trial trial) {
    Map<String, Object> question = new TreeMap<>();
    question.put("version", 1);
    question.put("task", settings.task());
    question.put("split", settings.split().id());
    question.put("rows", settings.rows());
    question.put("max-length", settings.maxLength());
    question.put("data", judge.sha256());
    question.put("seed", userSeed);
    return trial.id(question);
  }

  /**
   * Evaluates trials.
   *
   * @param trials whose cells are all done
   * @return whether it ran to its end rather than being stopped
   */
  boolean run(List<Trial> trials, EffectiveWeights weights, ModelSize sizes) throws IOException {
    List<Inputs.Shard> shards = inputs.shards();
    Map<String, Trial> byId = new LinkedHashMap<>();
    trials.forEach(trial -> byId.put(id(trial), trial));
    List<ShardEvaluation.Task> tasks = new ArrayList<>();
    for (int shard = 0; shard < shards.size(); shard++) {
      tasks.add(ShardEvaluation.Task.dense(DENSE, shard));
    }
    byId.forEach(
        (id, trial) -> {
          for (int shard = 0; shard < shards.size(); shard++) {
            tasks.add(new ShardEvaluation.Task(id, trial, shard));
          }
        });
    context.pulse().begin("evaluate", trials.size() + 1L);
    Collected collected = new Collected(shards.size(), byId, sizes);
    Broadcast<List<Inputs.Shard>> shared =
        context.spark().broadcast(new ArrayList<>(shards));
    return new TaskPool(context.spark())
        .run(
            "evaluate " + trials.size() + " models on " + settings.task(),
            tasks,
            new ShardEvaluation(weights, shared, inputs.output(), context.hadoop()),
            collected::take,
            context.pulse()::beat);
  }

  /** Puts shards together, and judges a trial once it and the dense model are whole. */
  private final class Collected {
    private final int shards;
    private final Map<String, Trial> trials;
    private final ModelSize sizes;
    private final Map<String, List<ShardEvaluation.Outputs>> parts = new HashMap<>();

    Collected(int shards, Map<String, Trial> trials, ModelSize sizes) {
      this.shards = shards;
      this.trials = trials;
      this.sizes = sizes;
    }

    void take(ShardEvaluation.Outputs outputs) {
      parts.computeIfAbsent(outputs.trialId(), id -> new ArrayList<>()).add(outputs);
      if (!whole(DENSE)) {
        return;
      }
      if (outputs.trialId().equals(DENSE)) {
        context.pulse().advance(1, 0);
      }
      for (String id : List.copyOf(parts.keySet())) {
        if (!id.equals(DENSE) && whole(id)) {
          judge(id);
          parts.remove(id);
          context.pulse().advance(1, 0);
        }
      }
    }

    private boolean whole(String id) {
      return parts.getOrDefault(id, List.of()).size() == shards;
    }

    private Predictions predictions(String id) {
      return Predictions.merge(
          parts.get(id).stream().map(ShardEvaluation.Outputs::predictions).toList());
    }

    private void judge(String id) {
      Predictions dense = predictions(DENSE);
      Predictions outputs = predictions(id);
      double seconds =
          parts.get(id).stream().mapToDouble(ShardEvaluation.Outputs::seconds).sum();
      Trial trial = trials.get(id);
      context.committer().append(rows(id, trial, dense, outputs, seconds));
      if (settings.predictions()) {
        context.committer().append(predictionRows(id, trial, outputs));
      }
    }

    private List<ModelMetricsRow> rows(
        String id, Trial trial, Predictions dense, Predictions outputs, double seconds) {
      long bootstrap = Ids.seed(userSeed, "bootstrap", judge.sha256());
      List<Measure> measures = judge.measures(outputs, bootstrap);
      List<Measure> reference = judge.measures(dense, bootstrap);
      Fidelities fidelities = judge.compare(dense, outputs);
      List<ModelMetricsRow> rows = new ArrayList<>();
      for (int i = 0; i < measures.size(); i++) {
        Measure measure = measures.get(i);
        double denseValue = reference.get(i).value();
        rows.add(
            new ModelMetricsRow(
                id,
                context.labels().model(),
                context.labels().architecture(),
                trial.recipe().name(),
                trial.recipe().label(),
                settings.task(),
                settings.split().id(),
                new ModelMetricsRow.Measured(
                    measure.metric().id(),
                    measure.value(),
                    measure.n(),
                    measure.correct().isPresent() ? measure.correct().getAsInt() : null,
                    measure.interval().low(),
                    measure.interval().high()),
                new ModelMetricsRow.Against(
                    denseValue,
                    measure.value() - denseValue,
                    boxed(fidelities.pValue()),
                    boxed(fidelities.agreement()),
                    boxed(fidelities.kl()),
                    boxed(fidelities.cosine())),
                sizes.of(trial),
                treatments(),
                seconds,
                inputs.texts().size() / seconds));
      }
      return rows;
    }

    private List<PredictionRow> predictionRows(String id, Trial trial, Predictions outputs) {
      List<PredictionRow> rows = new ArrayList<>(outputs.size());
      for (int i = 0; i < outputs.size(); i++) {
        List<Double> values = new ArrayList<>(outputs.width());
        for (float value : outputs.values(i)) {
          values.add((double) value);
        }
        rows.add(
            new PredictionRow(
                id,
                trial.recipe().label(),
                settings.task(),
                settings.split().id(),
                outputs.row(i),
                values));
      }
      return rows;
    }
  }

  private List<String> treatments() {
    List<String> all = new ArrayList<>(judge.treatments());
    if (inputs.truncated() > 0) {
      all.add("Truncated " + inputs.truncated() + " of " + inputs.texts().size() + " inputs");
    }
    return all;
  }

  private static Double boxed(OptionalDouble number) {
    return number.isPresent() ? number.getAsDouble() : null;
  }
}
