package dev.assay.evaluate.answers;

/** Counts of label × prediction; the last column is of rows without a prediction. */
final class Confusion {
  private final int classes;
  private final long[][] counts;

  /**
   * Counts rows.
   *
   * @param predicted a class, or {@link Classified#NONE}
   * @param rows row numbers, which may repeat
   */
  Confusion(int classes, int[] gold, int[] predicted, int[] rows) {
    this.classes = classes;
    this.counts = new long[classes][classes + 1];
    for (int row : rows) {
      int column = predicted[row] == Classified.NONE ? classes : predicted[row];
      counts[gold[row]][column]++;
    }
  }

  /** See {@link Metric#F1}. A row without a prediction is a miss if its label is 1. */
  double f1() {
    long truePositive = counts[1][1];
    long wrong = 0;
    for (int c = 0; c < classes; c++) {
      wrong += c == 1 ? 0 : counts[c][1];
    }
    for (int c = 0; c <= classes; c++) {
      wrong += c == 1 ? 0 : counts[1][c];
    }
    return 2.0 * truePositive / (2.0 * truePositive + wrong);
  }

  /** See {@link Metric#MATTHEWS}. Rows without a prediction are predictions of one more class. */
  double matthews() {
    double n = 0;
    double correct = 0;
    double together = 0;
    double golds = 0;
    double predictions = 0;
    for (int k = 0; k <= classes; k++) {
      double gold = 0;
      double predicted = 0;
      for (int j = 0; j <= classes; j++) {
        gold += k < classes ? counts[k][j] : 0;
        predicted += j < classes ? counts[j][k] : 0;
      }
      n += gold;
      correct += k < classes ? counts[k][k] : 0;
      together += gold * predicted;
      golds += gold * gold;
      predictions += predicted * predicted;
    }
    double scale = Math.sqrt((n * n - predictions) * (n * n - golds));
    return scale == 0 ? Double.NaN : (correct * n - together) / scale;
  }
}
