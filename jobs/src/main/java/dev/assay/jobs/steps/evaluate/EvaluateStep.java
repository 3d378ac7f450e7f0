package dev.assay.jobs.steps.evaluate;

import dev.assay.evaluate.EvaluationSettings;
import dev.assay.evaluate.Inputs;
import dev.assay.evaluate.Task;
import dev.assay.evaluate.answers.Fidelities;
import dev.assay.evaluate.answers.Measure;
import dev.assay.evaluate.answers.Predictions;
import dev.assay.jobs.pool.TaskPool;
import dev.assay.jobs.run.SweepContext;
import dev.assay.jobs.store.EffectiveWeights;
import dev.assay.jobs.tables.ModelMetricsRow;
import dev.assay.jobs.tables.PredictionRow;
import dev.assay.jobs.tables.TableRow;
import dev.assay.plan.Ids;
import dev.assay.plan.Trial;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.spark.broadcast.Broadcast;

/**
 * Evaluates compressed models on a task: trial × shard of its inputs, trial by trial, the dense
 * model first. What a model put out is put together in row order, so that nothing depends on which
 * executor computed what.
 */
public final class EvaluateStep {
  private static final String DENSE = "dense";

  private final SweepContext context;
  private final Question question;
  private final Predicate<Trial> kept;

  /**
   * Prepares the step.
   *
   * @param kept which trials' predictions are to land
   */
  public EvaluateStep(SweepContext context, Question question, Predicate<Trial> kept) {
    this.context = context;
    this.question = question;
    this.kept = kept;
  }

  /**
   * Evaluates trials.
   *
   * @param trials whose cells are all done
   * @param measured ids of those whose predictions alone are missing
   * @return whether it ran to its end rather than being stopped
   */
  public boolean run(
      List<Trial> trials, Set<String> measured, EffectiveWeights weights, ModelSize sizes)
      throws IOException {
    if (trials.isEmpty()) {
      return true;
    }
    List<Inputs.Shard> shards = question.inputs().shards();
    Map<String, Trial> byId = new LinkedHashMap<>();
    trials.forEach(trial -> byId.put(question.id(trial), trial));
    List<ShardEvaluation.Task> tasks = new ArrayList<>();
    boolean compared = !measured.containsAll(byId.keySet());
    Optional<String> dense = dense(byId);
    boolean beside = compared && dense.isEmpty();
    for (int shard = 0; beside && shard < shards.size(); shard++) {
      tasks.add(new ShardEvaluation.Task.Dense(DENSE, shard));
    }
    List<String> order = new ArrayList<>(byId.keySet());
    dense.ifPresent(id -> Collections.swap(order, 0, order.indexOf(id)));
    for (String id : order) {
      for (int shard = 0; shard < shards.size(); shard++) {
        tasks.add(new ShardEvaluation.Task.Compressed(id, byId.get(id), shard));
      }
    }
    context.pulse().begin("evaluate", trials.size() + (beside ? 1L : 0L));
    Collected collected = new Collected(shards.size(), byId, measured, dense.orElse(DENSE), sizes);
    Broadcast<List<Inputs.Shard>> shared = context.spark().broadcast(new ArrayList<>(shards));
    return new TaskPool(context.spark())
        .run(
            "evaluate "
                + trials.size()
                + " compressed models of "
                + context.labels().model()
                + " on "
                + question.settings().task(),
            tasks,
            new ShardEvaluation(weights, shared, question.task().request(), context.hadoop()),
            (task, outputs) -> collected.take(outputs),
            context.pulse()::beat);
  }

  /** The trial that leaves the model as it is: what others are compared with, where there is it. */
  private static Optional<String> dense(Map<String, Trial> byId) {
    return byId.entrySet().stream()
        .filter(trial -> trial.getValue().dense())
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /** Puts shards together, and judges a trial once it and the dense model are whole. */
  private final class Collected {
    private final int shards;
    private final Map<String, Trial> trials;
    private final Set<String> measured;
    private final String dense;
    private final ModelSize sizes;
    private final Map<String, List<ShardEvaluation.Outputs>> parts = new HashMap<>();
    private Optional<Reference> reference = Optional.empty();

    Collected(
        int shards,
        Map<String, Trial> trials,
        Set<String> measured,
        String dense,
        ModelSize sizes) {
      this.shards = shards;
      this.trials = trials;
      this.measured = measured;
      this.dense = dense;
      this.sizes = sizes;
    }

    void take(ShardEvaluation.Outputs outputs) {
      parts.computeIfAbsent(outputs.trialId(), id -> new ArrayList<>()).add(outputs);
      if (reference.isEmpty() && whole(dense)) {
        Predictions answers = predictions(dense);
        reference = Optional.of(new Reference(answers, measures(answers)));
        if (dense.equals(DENSE)) {
          parts.remove(DENSE);
          context.pulse().advance(1, 0);
        }
      }
      for (String id : List.copyOf(parts.keySet())) {
        boolean comparable = measured.contains(id) || reference.isPresent();
        if (!id.equals(DENSE) && comparable && whole(id)) {
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

    /** The dense model's outputs and measures, which every trial is compared with. */
    private record Reference(Predictions outputs, List<Measure> measures) {}

    private List<Measure> measures(Predictions outputs) {
      Task task = question.task();
      return task.measures(outputs, Ids.seed(question.userSeed(), "bootstrap", task.digest()));
    }

    private void judge(String id) {
      Predictions outputs = predictions(id);
      double seconds = parts.get(id).stream().mapToDouble(ShardEvaluation.Outputs::seconds).sum();
      Trial trial = trials.get(id);
      List<TableRow> rows = new ArrayList<>();
      if (kept.test(trial)) {
        rows.addAll(predictionRows(id, trial, outputs));
      }
      if (!measured.contains(id)) {
        rows.addAll(metricRows(id, trial, outputs, seconds));
      }
      context.committer().append(rows);
    }

    private List<ModelMetricsRow> metricRows(
        String id, Trial trial, Predictions outputs, double seconds) {
      EvaluationSettings settings = question.settings();
      List<Measure> measures = measures(outputs);
      Reference against = reference.orElseThrow();
      Fidelities fidelities = question.task().compare(against.outputs(), outputs);
      List<ModelMetricsRow> rows = new ArrayList<>();
      for (int i = 0; i < measures.size(); i++) {
        Measure measure = measures.get(i);
        double denseValue = against.measures().get(i).value();
        rows.add(
            new ModelMetricsRow(
                id,
                context.labels().model(),
                context.labels().architecture(),
                trial.recipe(),
                trial.name(),
                trial.origin().id(),
                settings.task(),
                settings.part(),
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
                question.treatments(),
                seconds,
                question.inputs().size() / seconds));
      }
      return rows;
    }

    private List<PredictionRow> predictionRows(String id, Trial trial, Predictions outputs) {
      List<PredictionRow> rows = new ArrayList<>(outputs.size());
      for (int i = 0; i < outputs.size(); i++) {
        List<Double> values = new ArrayList<>();
        for (float value : outputs.values(i)) {
          values.add((double) value);
        }
        rows.add(
            new PredictionRow(
                id,
                trial.name(),
                question.settings().task(),
                question.settings().part(),
                question.task().fileInput(outputs.row(i)),
                values));
      }
      return rows;
    }
  }

  private static Double boxed(OptionalDouble number) {
    return number.isPresent() ? number.getAsDouble() : null;
  }
}
