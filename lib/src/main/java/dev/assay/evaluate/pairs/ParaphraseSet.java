package dev.assay.evaluate.pairs;

import dev.assay.InputException;
import dev.assay.checkpoint.Folder;
import dev.assay.evaluate.answers.Classified;
import dev.assay.evaluate.answers.Metric;
import dev.assay.evaluate.answers.Predictions;
import dev.assay.task.Dataset;
import dev.assay.task.Example;
import dev.assay.task.LabelledRows;
import dev.assay.task.Layout;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Pairs of sentences that are paraphrases (1) or not (0), in a train part that a threshold is
 * chosen on and a test part that it is judged by. One tab-separated file with a header and the
 * columns {@code split} (train or test), {@code label} (0 or 1), {@code sentence1}, {@code
 * sentence2}, and any others.
 */
public final class ParaphraseSet {
  /** What is measured on the test part. */
  static final List<Metric> METRICS = List.of(Metric.ACCURACY, Metric.F1);

  private static final String SPLIT = "split";
  private static final Layout LAYOUT =
      Layout.headed("split label sentence1 sentence2", "label", "sentence1", "sentence2");

  private final Dataset data;
  private final int[] train;
  private final int[] test;

  private ParaphraseSet(Dataset data, int[] train, int[] test) {
    this.data = data;
    this.train = train;
    this.test = test;
  }

  /**
   * Similarities turned into answers.
   *
   * @param threshold chosen on the train part
   * @param train answers on the part the threshold was chosen on
   * @param test answers on the part that counts
   */
  public record Decision(Threshold threshold, Classified train, Classified test) {}

  /**
   * Reads a file.
   *
   * @throws InputException naming file and line, as {@link LabelledRows#read}; for a split that is
   *     neither train nor test; for a part that lacks one of the labels
   */
  public static ParaphraseSet read(Folder folder, String name) throws IOException {
    List<Example> examples = new ArrayList<>();
    List<String> splits = new ArrayList<>();
    LabelledRows.Summary summary =
        LabelledRows.read(
            folder,
            name,
            LAYOUT,
            List.of(SPLIT),
            (where, row) -> {
              splits.add(oneOf(where, row, SPLIT, List.of("train", "test")));
              String label = oneOf(where, row, LAYOUT.label(), List.of("0", "1"));
              List<String> texts = LAYOUT.texts().stream().map(row::get).toList();
              examples.add(new Example(examples.size(), texts, label.equals("1") ? 1 : 0));
            });
    Dataset data = new Dataset(summary.path(), summary.sha256(), examples, summary.treatments());
    return new ParaphraseSet(data, part(data, splits, "train"), part(data, splits, "test"));
  }

  private static String oneOf(
      String where, Map<String, String> row, String column, List<String> choices) {
    String value = row.get(column);
    if (!choices.contains(value)) {
      throw new InputException(
          where,
          "Column '"
              + column
              + "' is "
              + (value.isEmpty() ? "empty" : "'" + LabelledRows.shorten(value) + "'"),
          "Use one of: " + String.join(", ", choices));
    }
    return value;
  }

  private static int[] part(Dataset data, List<String> splits, String split) {
    int[] rows = IntStream.range(0, data.size()).filter(i -> splits.get(i).equals(split)).toArray();
    int[] labels = data.labels();
    for (int label = 0; label < 2; label++) {
      int wanted = label;
      if (IntStream.of(rows).noneMatch(row -> labels[row] == wanted)) {
        throw new InputException(
            data.path(),
            "Its " + split + " part has no pair of label " + label,
            "Both parts need pairs of both labels.");
      }
    }
    return rows;
  }

  /** All pairs of both parts, in file order; predictions are needed for every one. */
  public Dataset data() {
    return data;
  }

  /** Rows of the train part, ascending. */
  public int[] train() {
    return train.clone();
  }

  /** Rows of the test part, ascending. */
  public int[] test() {
    return test.clone();
  }

  /**
   * Chooses the threshold on the train part and applies it to both parts.
   *
   * @param similarities one value for every row of {@link #data}
   * @throws IllegalArgumentException if a row is missing or has more than one value
   */
  public Decision decide(Predictions similarities) {
    similarities.requireRows(data.size());
    double[] trainScores = similarities.select(train).column();
    Threshold threshold = Threshold.choose(trainScores, labels(train));
    return new Decision(
        threshold,
        answers(threshold, trainScores, train),
        answers(threshold, similarities.select(test).column(), test));
  }

  private Classified answers(Threshold threshold, double[] scores, int[] rows) {
    int[] predicted =
        IntStream.range(0, rows.length).map(i -> threshold.classOf(scores[i])).toArray();
    return new Classified(2, labels(rows), predicted);
  }

  private int[] labels(int[] rows) {
    return IntStream.of(rows).map(row -> data.examples().get(row).label()).toArray();
  }
}
