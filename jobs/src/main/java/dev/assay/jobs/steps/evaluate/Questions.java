package dev.assay.jobs.steps.evaluate;

import dev.assay.checkpoint.Checkpoint;
import dev.assay.evaluate.EvaluationSettings;
import dev.assay.jobs.tables.read.Progress;
import dev.assay.plan.Comparison;
import dev.assay.plan.SweepSettings;
import dev.assay.plan.Trial;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;

/**
 * Which trial is asked what: those that are compared with each other answer every row of the task,
 * and so does {@code dense} where there are such; the others as many rows as are wanted.
 *
 * @param whole what is asked of compared trials
 * @param usual what is asked of the others
 * @param compared the names of compared trials
 */
public record Questions(Question whole, Question usual, Set<String> compared) {
  public Questions {
    compared = Set.copyOf(compared);
  }

  /**
   * A question with trials that have yet to answer it.
   *
   * @param question what they are asked
   * @param trials at least one
   */
  public record Asked(Question question, List<Trial> trials) {}

  /**
   * Reads the task and the model on the driver.
   *
   * @throws dev.assay.InputException if the data, the tokenizer, or the model's head is wrong
   */
  public static Questions open(SweepSettings settings, Configuration conf) throws IOException {
    EvaluationSettings evaluation = settings.evaluation();
    Question usual = Question.open(settings.model(), evaluation, settings.seed(), conf);
    Set<String> compared = new HashSet<>();
    for (Comparison comparison : settings.comparisons()) {
      for (Comparison.Pair pair : comparison.pairs(settings.recipes())) {
        compared.add(pair.a().label());
        compared.add(pair.b().label());
      }
    }
    Question whole =
        compared.isEmpty() || evaluation.rows() == 0
            ? usual
            : Question.open(settings.model(), evaluation.onAllRows(), settings.seed(), conf);
    return new Questions(whole, usual, compared);
  }

  /** The same of a model whose contents are known. */
  public Questions of(Checkpoint identified) {
    Question known = usual.of(identified);
    return new Questions(whole == usual ? known : whole.of(identified), known, compared);
  }

  /** What a trial is asked. */
  Question of(Trial trial) {
    boolean dense = !compared.isEmpty() && trial.dense();
    return dense || compared(trial) ? whole : usual;
  }

  /** The id of a trial's answers. */
  public String id(Trial trial) {
    return of(trial).id(trial);
  }

  /** Whether a trial's predictions are kept. */
  public boolean kept(Trial trial) {
    return usual.settings().predictions() || compared(trial);
  }

  /** Whether a compared trial's predictions are all there. */
  public boolean answered(Trial trial, Map<String, Long> predicted) {
    return predicted.getOrDefault(id(trial), 0L) == whole.inputs().size();
  }

  /**
   * What is yet to be answered, or to be kept.
   *
   * @param trials the sweep's
   * @param progress what has been measured and kept
   * @param predicted how many predictions of each compared trial are there
   */
  public List<Asked> missing(List<Trial> trials, Progress progress, Map<String, Long> predicted) {
    List<Trial> ofWhole = new ArrayList<>();
    List<Trial> ofUsual = new ArrayList<>();
    for (Trial trial : trials) {
      boolean there = progress.trials().contains(id(trial));
      boolean kept =
          compared(trial)
              ? answered(trial, predicted)
              : !kept(trial) || progress.predictions().contains(id(trial));
      if (!there || !kept) {
        (of(trial) == whole ? ofWhole : ofUsual).add(trial);
      }
    }
    List<Asked> asked = new ArrayList<>();
    if (!ofWhole.isEmpty()) {
      asked.add(new Asked(whole, ofWhole));
    }
    if (!ofUsual.isEmpty()) {
      asked.add(new Asked(usual, ofUsual));
    }
    return asked;
  }

  /** The configuration with what was found out. */
  public SweepSettings resolve(SweepSettings given) {
    return usual.resolve(given);
  }

  private boolean compared(Trial trial) {
    return compared.contains(trial.name());
  }
}
