package dev.assay.evaluate.answers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.assay.evaluate.Fixtures;
import dev.assay.evaluate.glue.Glue;
import dev.assay.evaluate.glue.LabelMap;
import dev.assay.task.Dataset;
import dev.assay.task.Split;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static final List<Metric> OF_CLASSES =
      List.of(Metric.ACCURACY, Metric.F1, Metric.MATTHEWS);
  private static final List<Metric> OF_SCORES = List.of(Metric.PEARSON, Metric.SPEARMAN);

  private static List<Measure> classes(int[] gold, int... predicted) {
    return new Classified(2, gold, predicted).measures(OF_CLASSES, 1);
  }

  private static List<Measure> scores(double[] gold, double... predicted) {
    return new Scored(gold, predicted).measures(OF_SCORES, 1);
  }

  @Test
  void perfectAndPerfectlyWrong() {
    assertThat(classes(new int[] {0, 1, 1, 0}, 0, 1, 1, 0))
        .extracting(Measure::value)
        .containsExactly(1.0, 1.0, 1.0);
    assertThat(classes(new int[] {0, 1, 1, 0}, 1, 0, 0, 1))
        .extracting(Measure::value)
        .containsExactly(0.0, 0.0, -1.0);
    assertThat(scores(new double[] {1, 2, 4}, 2, 4, 8))
        .allSatisfy(measure -> assertThat(measure.value()).isCloseTo(1, within(1e-15)));
    // Monotone but not linear.
    List<Measure> monotone = scores(new double[] {1, 2, 3, 4}, 1, 10, 100, 1000);
    assertThat(monotone.get(0).value()).isLessThan(0.9);
    assertThat(monotone.get(1).value()).isCloseTo(1, within(1e-15));
  }

  /** 0/0 is no number: neither Matthews of one class, nor F1 where class 1 is never meant. */
  @Test
  void oneClassOnly() {
    assertThat(classes(new int[] {1, 1, 0}, 0, 0, 0))
        .extracting(Measure::value)
        .containsExactly(1 / 3.0, 0.0, Double.NaN);
    assertThat(classes(new int[] {0, 0, 0}, 0, 0, 0))
        .extracting(Measure::value)
        .containsExactly(1.0, Double.NaN, Double.NaN);
    assertThat(classes(new int[] {1, 1}, 1, 1))
        .extracting(Measure::value)
        .containsExactly(1.0, 1.0, Double.NaN);
    assertThat(classes(new int[] {0, 0}, 0, 0))
        .extracting(Measure::interval)
        .endsWith(Interval.UNDEFINED, Interval.UNDEFINED);
  }

  @Test
  void noRows() {
    List<Measure> classes = classes(new int[0]);
    assertThat(classes).allSatisfy(measure -> assertThat(measure.value()).isNaN());
    assertThat(classes).extracting(Measure::correct).containsOnly(OptionalInt.of(0));
    assertThat(classes.get(0).interval()).isEqualTo(new Interval(0, 1));
    assertThat(classes.get(1).interval()).isEqualTo(Interval.UNDEFINED);
    assertThat(scores(new double[0]))
        .allSatisfy(
            measure -> {
              assertThat(measure.value()).isNaN();
              assertThat(measure.interval()).isEqualTo(Interval.UNDEFINED);
              assertThat(measure.n()).isZero();
            });
    assertThat(new McNemar(0, 0).p()).isEqualTo(1);
    Predictions none = Fixtures.predictions(2);
    assertThat(Fidelity.kl(none, none)).isNaN();
    assertThat(Fidelity.cosine(none, none)).isNaN();
  }

  @Test
  void aConstantHasNoCorrelation() {
    for (double constant : new double[] {0, 0.1, 1e300}) {
      assertThat(scores(new double[] {1, 2, 3}, constant, constant, constant))
          .allSatisfy(
              measure -> {
                assertThat(measure.value()).isNaN();
                assertThat(measure.interval()).isEqualTo(Interval.UNDEFINED);
              });
    }
    assertThat(scores(new double[] {1}, 2)).allSatisfy(m -> assertThat(m.value()).isNaN());
  }

  @Test
  void resamplesWithoutACorrelationAreLeftOut() {
    // A third of all resamples has only one of the two predicted values.
    Measure spearman = scores(new double[] {1, 2, 3}, 5, 5, 9).get(1);
    assertThat(spearman.interval().low()).isNotNaN();
    assertThat(spearman.value()).isBetween(spearman.interval().low(), spearman.interval().high());
  }

  /** Else a model that says the same of everything would be ranked by its rounding. */
  @Test
  void aConstantButForRoundingHasNoCorrelation() {
    double[] gold = {0, 1, 2, 3};
    for (double scale : new double[] {1, 1e-3, 300}) {
      double[] outputs = {0.99999988, 1, 0.99999994, 1};
      double[] predicted = Arrays.stream(outputs).map(x -> x * scale).toArray();
      assertThat(scores(gold, predicted))
          .extracting(Measure::value, Measure::interval)
          .containsOnly(tuple(Double.NaN, Interval.UNDEFINED));
      assertThat(scores(predicted, gold)).extracting(Measure::value).containsOnly(Double.NaN);
    }
    assertThat(scores(gold, 0.99999, 1, 0.999995, 1))
        .extracting(Measure::value)
        .allMatch(Double::isFinite);
    assertThat(Constant.is(new double[] {0, 1e-30})).isFalse();
    assertThat(Constant.is(new double[] {0, Double.NaN})).isFalse();
    assertThat(Constant.is(new double[] {1, Double.POSITIVE_INFINITY})).isFalse();
  }

  @Test
  void tiesGetMidRanks() {
    assertThat(Ranks.of(new double[] {3, 1, 3, 2, 3}).of(new int[] {0, 1, 2, 3, 4}))
        .containsExactly(4, 1, 4, 2, 4);
    // Rows may repeat: 1, 1, 2 and 3.
    assertThat(Ranks.of(new double[] {3, 1, 3, 2, 3}).of(new int[] {1, 3, 1, 4}))
        .containsExactly(1.5, 3, 1.5, 4);
    assertThat(Ranks.of(new double[] {-0.0, 0.0, 1}).of(new int[] {0, 1, 2}))
        .containsExactly(1.5, 1.5, 3);
  }

  @Test
  void rowsWithoutAPredictionAreWrong() {
    Dataset data = Fixtures.read(Glue.MRPC, Split.DEV);
    LabelMap map = LabelMap.of(Glue.MRPC, 2, Map.of(), "c");
    Predictions logits = Fixtures.predictions(2, 0, 1, Float.NaN, 0, Float.POSITIVE_INFINITY, 3);
    assertThat(logits.nonFinite()).isEqualTo(2);
    Classified classified = answers(data, map, logits);
    assertThat(classified.accuracy()).isEqualTo(new Proportion(1, 3));
    assertThat(classified.predicted(1)).isEmpty();
    assertThat(classified.agreement(classified)).isEqualTo(new Proportion(1, 3));
    // One hit and one miss among the two positives: 2·1 / (2·1 + 1).
    assertThat(classified.measures(List.of(Metric.F1), 1).get(0).value())
        .isCloseTo(2 / 3.0, within(1e-15));
    assertThat(classified.measures(List.of(Metric.MATTHEWS), 1).get(0).value())
        .isBetween(-1.0, 1.0);
    assertThat(scores(new double[] {1, 2, 3}, 1, Double.NaN, 3))
        .allSatisfy(measure -> assertThat(measure.value()).isNaN());
    assertThat(Fidelity.kl(Fixtures.predictions(2, 0, 0), Fixtures.predictions(2, 0, Float.NaN)))
        .isNaN();
    assertThat(
            Fidelity.kl(
                Fixtures.predictions(2, 0, 0), Fixtures.predictions(2, 0, Float.NEGATIVE_INFINITY)))
        .isNaN();
  }

  @Test
  void equalLogitsAreTheFirstOfThem() {
    Dataset data = Fixtures.read(Glue.WNLI, Split.DEV);
    LabelMap map = LabelMap.of(Glue.WNLI, 2, Map.of(), "c");
    Classified classified = answers(data, map, Fixtures.predictions(2, 1, 1, 0, 0, -0f, 0f));
    assertThat(IntStream.range(0, 3).mapToObj(classified::predicted))
        .containsOnly(OptionalInt.of(0));
  }

  @Test
  void intervalsAreAFunctionOfTheSeed() {
    SplittableRandom random = new SplittableRandom(5);
    int[] gold = random.ints(200, 0, 2).toArray();
    int[] predicted = Arrays.stream(gold).map(g -> random.nextInt(4) == 0 ? 1 - g : g).toArray();
    Classified classified = new Classified(2, gold, predicted);
    List<Measure> once = classified.measures(OF_CLASSES, 11);
    assertThat(classified.measures(OF_CLASSES, 11)).isEqualTo(once);
    List<Measure> other = classified.measures(OF_CLASSES, 12);
    assertThat(other.get(0)).isEqualTo(once.get(0));
    assertThat(other.get(1).interval()).isNotEqualTo(once.get(1).interval());
    assertThat(other.get(1).value()).isEqualTo(once.get(1).value());
  }

  @Test
  void resamplesAreUniform() {
    int[] seen = new int[10];
    Bootstrap.percentile(
        10,
        4,
        rows -> {
          Arrays.stream(rows).forEach(row -> seen[row]++);
          return 0;
        });
    // 10 000 draws of 10 rows: 1000 each, standard deviation 30.
    assertThat(Arrays.stream(seen).boxed())
        .allSatisfy(count -> assertThat(count).isBetween(850, 1150));
  }

  @Test
  void pairedCorrectnessCounts() {
    int[] gold = {0, 0, 0, 0, 1, 1};
    Classified dense = new Classified(2, gold, new int[] {0, 0, 0, 1, 1, 0});
    Classified worse = new Classified(2, gold, new int[] {0, 1, 1, 0, 1, 0});
    assertThat(dense.compare(worse)).isEqualTo(new McNemar(2, 1));
    assertThat(worse.compare(dense)).isEqualTo(new McNemar(1, 2));
    assertThat(dense.agreement(worse)).isEqualTo(new Proportion(3, 6));
    assertThat(dense.compare(dense).p()).isEqualTo(1);
  }

  @Test
  void divergenceIsStableAndNeverNegative() {
    Predictions huge = Fixtures.predictions(2, 3e38f, -3e38f, 1e4f, 0);
    assertThat(Fidelity.kl(huge, huge)).isZero();
    Predictions a = Fixtures.predictions(2, 1000, 998);
    Predictions b = Fixtures.predictions(2, 0, -2);
    assertThat(Fidelity.kl(a, b)).isCloseTo(0, within(1e-12));
    // A certain answer against an even one: ln 2.
    assertThat(Fidelity.kl(Fixtures.predictions(2, 500, 0), Fixtures.predictions(2, 7, 7)))
        .isCloseTo(Math.log(2), within(1e-12));
    assertThatThrownBy(() -> Fidelity.kl(Fixtures.predictions(1, 1), Fixtures.predictions(1, 1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void metricsBelongToTheirOutcomes() {
    assertThatThrownBy(() -> new Classified(2, new int[1], new int[1]).measures(OF_SCORES, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("pearson is not a metric of classes");
    assertThatThrownBy(() -> new Scored(new double[1], new double[1]).measures(OF_CLASSES, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("accuracy is not a metric of scores");
  }

  private static Classified answers(Dataset data, LabelMap labels, Predictions logits) {
    return labels.task().answered(data, labels).answers(logits).orElseThrow();
  }
}
