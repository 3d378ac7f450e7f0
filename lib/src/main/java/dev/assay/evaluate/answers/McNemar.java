package dev.assay.evaluate.answers;

import java.io.Serializable;

/**
 * McNemar's exact test on paired predictions (Psychometrika 12, 1947): were both models equally
 * good, each row that only one of them gets right would be either's with probability ½.
 *
 * @param onlyFirst rows that only the first model gets right
 * @param onlySecond rows that only the second gets right
 */
public record McNemar(int onlyFirst, int onlySecond) implements Serializable {
  /** Checks the counts. */
  public McNemar {
    if (onlyFirst < 0 || onlySecond < 0) {
      throw new IllegalArgumentException(onlyFirst + " and " + onlySecond + " rows");
    }
  }

  /**
   * The two-sided p-value: min(1, 2·P(X ≤ min)) for X ~ Binomial(onlyFirst + onlySecond, ½); 1
   * where no row tells them apart. Cost O(min).
   */
  public double p() {
    int n = onlyFirst + onlySecond;
    int least = Math.min(onlyFirst, onlySecond);
    // ln P(X = least), then the terms below it relative to that one, largest first.
    double logTerm = -n * Math.log(2);
    for (int k = 1; k <= least; k++) {
      logTerm += Math.log((double) (n - k + 1) / k);
    }
    double sum = 0;
    double term = 1;
    for (int k = least; k >= 0 && term > 0; k--) {
      sum += term;
      term *= (double) k / (n - k + 1);
    }
    return Math.min(1, 2 * Math.exp(logTerm) * sum);
  }
}
