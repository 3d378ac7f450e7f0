package dev.assay.evaluate.answers;

import java.util.List;
import java.util.OptionalInt;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Predicted classes beside the labels. A row whose logits are not all finite has no prediction: it
 * is never correct and agrees with nothing.
 */
public final class Classified implements Outcome {
  /** Stands for no prediction. */
  public static final int NONE = -1;

  private final int classes;
  private final int[] gold;
  private final int[] predicted;

  /**
   * Takes answers.
   *
   * @param classes how many there are, numbered from 0
   * @param gold the label of each row
   * @param predicted the answer to each row, or {@link #NONE}
   */
  public Classified(int classes, int[] gold, int[] predicted) {
    if (gold.length != predicted.length) {
      throw new IllegalArgumentException(
          gold.length + " labels and " + predicted.length + " predictions");
    }
    this.classes = classes;
    this.gold = gold;
    this.predicted = predicted;
  }

  @Override
  public int n() {
    return gold.length;
  }

  /** The predicted class of a row, empty where its logits are not finite. */
  public OptionalInt predicted(int row) {
    return predicted[row] == NONE ? OptionalInt.empty() : OptionalInt.of(predicted[row]);
  }

  /** Whether the prediction of a row is its label. */
  public boolean isCorrect(int row) {
    return predicted[row] == gold[row];
  }

  /** Correct predictions. */
  public Proportion accuracy() {
    return new Proportion((int) IntStream.range(0, n()).filter(this::isCorrect).count(), n());
  }

  /**
   * Rows for which this and another model of the same data predict the same.
   *
   * @throws IllegalArgumentException if the numbers of rows differ
   */
  public Proportion agreement(Classified other) {
    requireSameRows(other);
    long same =
        IntStream.range(0, n())
            .filter(row -> predicted[row] != NONE && predicted[row] == other.predicted[row])
            .count();
    return new Proportion((int) same, n());
  }

  /**
   * Whether this and another model of the same data differ in accuracy.
   *
   * @throws IllegalArgumentException if the numbers of rows differ
   */
  public McNemar compare(Classified other) {
    requireSameRows(other);
    int onlyThis = 0;
    int onlyOther = 0;
    for (int row = 0; row < n(); row++) {
      if (isCorrect(row) && !other.isCorrect(row)) {
        onlyThis++;
      } else if (!isCorrect(row) && other.isCorrect(row)) {
        onlyOther++;
      }
    }
    return new McNemar(onlyThis, onlyOther);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException for a metric of scores
   */
  @Override
  public List<Measure> measures(List<Metric> metrics, long seed) {
    return metrics.stream().map(metric -> measure(metric, seed)).toList();
  }

  private Measure measure(Metric metric, long seed) {
    Proportion accuracy = accuracy();
    OptionalInt correct = OptionalInt.of(accuracy.correct());
    if (metric == Metric.ACCURACY) {
      return new Measure(metric, accuracy.value(), accuracy.wilson(), n(), correct);
    }
    ToDoubleFunction<Confusion> statistic =
        switch (metric) {
          case F1 -> Confusion::f1;
          case MATTHEWS -> Confusion::matthews;
          case ACCURACY, PEARSON, SPEARMAN ->
              throw new IllegalArgumentException(metric.id() + " is not a metric of classes");
        };
    if (n() == 0) {
      return new Measure(metric, Double.NaN, Interval.UNDEFINED, 0, correct);
    }
    ToDoubleFunction<int[]> ofRows =
        rows -> statistic.applyAsDouble(new Confusion(classes, gold, predicted, rows));
    double value = ofRows.applyAsDouble(IntStream.range(0, n()).toArray());
    Interval interval =
        Double.isNaN(value) ? Interval.UNDEFINED : Bootstrap.percentile(n(), seed, ofRows);
    return new Measure(metric, value, interval, n(), correct);
  }

  private void requireSameRows(Classified other) {
    if (n() != other.n()) {
      throw new IllegalArgumentException("Outcomes of " + n() + " and " + other.n() + " rows");
    }
  }
}
