package dev.assay.jobs.steps.compare;

import dev.assay.evaluate.answers.Classified;
import dev.assay.evaluate.answers.Holm;
import dev.assay.evaluate.answers.McNemar;
import dev.assay.jobs.run.SweepContext;
import dev.assay.jobs.steps.evaluate.ModelSize;
import dev.assay.jobs.steps.evaluate.Questions;
import dev.assay.jobs.tables.ComparisonRow;
import dev.assay.jobs.tables.read.Progress;
import dev.assay.jobs.tables.read.StoredPredictions;
import dev.assay.plan.Comparison;
import dev.assay.plan.Ids;
import dev.assay.plan.Trial;
import dev.assay.recipe.NamedRecipe;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.apache.spark.sql.SparkSession;

/**
 * Compares trials with each other on the answers that stand in {@code predictions}, whichever run
 * they are from. It computes on the driver: a test takes microseconds.
 */
public final class CompareStep {
  private final Questions questions;
  private final List<Planned> planned = new ArrayList<>();

  /** A pair of trials. */
  private record Duel(Trial a, Trial b, String value) {}

  /** A comparison with its trials. */
  private record Planned(String id, Comparison comparison, List<Duel> duels) {}

  /**
   * Plans the comparisons of a sweep.
   *
   * @param trials the sweep's
   */
  public CompareStep(Questions questions, List<Comparison> comparisons, List<Trial> trials) {
    this.questions = questions;
    Map<NamedRecipe, Trial> byRecipe = new LinkedHashMap<>();
    trials.stream()
        .filter(trial -> trial.origin() == Trial.Origin.UNIFORM)
        .forEach(trial -> byRecipe.put(trial.cells().get(0).recipe(), trial));
    for (Comparison comparison : comparisons) {
      List<Duel> duels =
          comparison.pairs(List.copyOf(byRecipe.keySet())).stream()
              .map(pair -> new Duel(byRecipe.get(pair.a()), byRecipe.get(pair.b()), pair.value()))
              .toList();
      Map<String, Object> identity = new TreeMap<>();
      identity.put("kind", "comparison");
      identity.put("version", 1);
      identity.put("name", comparison.name());
      identity.put(
          "pairs", duels.stream().map(duel -> id(duel.a()) + " " + id(duel.b())).sorted().toList());
      planned.add(new Planned(Ids.of(identity), comparison, duels));
    }
  }

  /** The ids of the comparisons. */
  public List<String> ids() {
    return planned.stream().map(Planned::id).toList();
  }

  /**
   * Whether a pair that can be compared has not been.
   *
   * @param possible whether a trial answers, or could
   * @param known the pairs that have been, as {@link Progress#compared} has them
   */
  public boolean wanted(Predicate<Trial> possible, Set<String> known) {
    return planned.stream().anyMatch(one -> wanted(one, possible, known));
  }

  private boolean wanted(Planned one, Predicate<Trial> possible, Set<String> known) {
    return one.duels().stream()
        .filter(duel -> possible.test(duel.a()) && possible.test(duel.b()))
        .anyMatch(duel -> !known.contains(Progress.compared(one.id(), id(duel.a()), id(duel.b()))));
  }

  /**
   * Compares; a comparison of which all possible pairs are known is left alone.
   *
   * @param sweep the sweep's folder, with everything committed
   */
  public void run(SweepContext context, SparkSession session, String sweep, ModelSize sizes) {
    Map<String, Long> predicted = Progress.predicted(session, sweep);
    Set<String> known = Progress.comparisons(session, sweep);
    Predicate<Trial> answered = trial -> questions.answered(trial, predicted);
    List<Planned> todo = planned.stream().filter(one -> wanted(one, answered, known)).toList();
    if (todo.isEmpty()) {
      return;
    }
    Set<String> needed = new TreeSet<>();
    todo.stream()
        .flatMap(one -> one.duels().stream())
        .filter(duel -> answered.test(duel.a()) && answered.test(duel.b()))
        .forEach(
            duel -> {
              needed.add(id(duel.a()));
              needed.add(id(duel.b()));
            });
    Map<String, Classified> answers = new HashMap<>();
    StoredPredictions.read(
        session,
        sweep,
        needed,
        (id, outputs) -> answers.put(id, questions.whole().task().answers(outputs).orElseThrow()));
    for (Planned one : todo) {
      context.committer().append(rows(context, one, answers, sizes));
    }
  }

  private List<ComparisonRow> rows(
      SweepContext context, Planned one, Map<String, Classified> answers, ModelSize sizes) {
    List<Duel> duels =
        one.duels().stream()
            .filter(duel -> answers.containsKey(id(duel.a())) && answers.containsKey(id(duel.b())))
            .toList();
    List<McNemar> tests =
        duels.stream()
            .map(duel -> answers.get(id(duel.a())).compare(answers.get(id(duel.b()))))
            .toList();
    double[] corrected =
        Holm.correct(tests.stream().mapToDouble(McNemar::p).toArray(), one.duels().size());
    List<ComparisonRow> rows = new ArrayList<>();
    for (int i = 0; i < duels.size(); i++) {
      Duel duel = duels.get(i);
      McNemar test = tests.get(i);
      rows.add(
          new ComparisonRow(
              one.id(),
              one.comparison().name(),
              context.labels().model(),
              questions.whole().settings().task(),
              questions.whole().settings().part(),
              one.comparison().pairBy(),
              duel.value(),
              side(duel.a(), answers, sizes),
              side(duel.b(), answers, sizes),
              new ComparisonRow.Test(
                  answers.get(id(duel.a())).n(),
                  test.onlyFirst(),
                  test.onlySecond(),
                  test.p(),
                  corrected[i],
                  one.duels().size())));
    }
    return rows;
  }

  private ComparisonRow.Side side(Trial trial, Map<String, Classified> answers, ModelSize sizes) {
    return new ComparisonRow.Side(
        trial.recipe(),
        trial.name(),
        id(trial),
        answers.get(id(trial)).accuracy().correct(),
        sizes.of(trial).effectiveBits());
  }

  private String id(Trial trial) {
    return questions.id(trial);
  }
}
