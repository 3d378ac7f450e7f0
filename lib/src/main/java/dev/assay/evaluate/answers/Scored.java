package dev.assay.evaluate.answers;

import dev.assay.task.Dataset;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Predicted scores beside the published ones. */
public final class Scored implements Outcome {
  private final double[] gold;
  private final double[] predicted;

  Scored(double[] gold, double[] predicted) {
    if (gold.length != predicted.length) {
      throw new IllegalArgumentException(
          gold.length + " scores and " + predicted.length + " predictions");
    }
    this.gold = gold;
    this.predicted = predicted;
  }

  /**
   * Takes the outputs of a regression head, or similarities of embeddings.
   *
   * @param scores one value a row, of rows 0 to n − 1
   * @throws IllegalArgumentException if a row is missing or has more than one value
   */
  public static Scored of(Dataset data, Predictions scores) {
    scores.requireRows(data.size());
    return new Scored(data.targets(), scores.column());
  }

  @Override
  public int n() {
    return gold.length;
  }

  /**
   * {@inheritDoc} Undefined for fewer than two rows, for a constant, and where a prediction is not
   * finite.
   *
   * @throws IllegalArgumentException for a metric of classes
   */
  @Override
  public List<Measure> measures(List<Metric> metrics, long seed) {
    return metrics.stream().map(metric -> measure(metric, seed)).toList();
  }

  private Measure measure(Metric metric, long seed) {
    Correlation correlation =
        switch (metric) {
          case PEARSON -> Correlation.pearson(gold, predicted);
          case SPEARMAN -> Correlation.spearman(gold, predicted);
          case ACCURACY, F1, MATTHEWS ->
              throw new IllegalArgumentException(metric.id() + " is not a metric of scores");
        };
    double value =
        Arrays.stream(predicted).allMatch(Double::isFinite)
            ? correlation.of(IntStream.range(0, n()).toArray())
            : Double.NaN;
    Interval interval =
        Double.isNaN(value) ? Interval.UNDEFINED : Bootstrap.percentile(n(), seed, correlation::of);
    return new Measure(metric, value, interval, n(), OptionalInt.empty());
  }
}
