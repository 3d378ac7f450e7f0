package dev.assay.evaluate.answers;

/**
 * How far a compressed model's outputs are from the dense model's, on the same rows. Sums in
 * double, in row order.
 */
public final class Fidelity {
  private Fidelity() {}

  /**
   * Mean over rows of KL(softmax(dense) ‖ softmax(compressed)) in nats, by log-sum-exp, so large
   * logits do no harm. At least 0; NaN if there are no rows or a value is not finite.
   *
   * @throws IllegalArgumentException if the rows or widths differ, or a row has only one value
   */
  public static double kl(Predictions dense, Predictions compressed) {
    dense.requireSameShape(compressed);
    double sum = 0;
    for (int i = 0; i < dense.size(); i++) {
      boolean finite = dense.isFinite(i) && compressed.isFinite(i);
      sum += finite ? kl(dense.values(i), compressed.values(i)) : Double.NaN;
    }
    return sum / dense.size();
  }

  private static double kl(float[] dense, float[] compressed) {
    if (dense.length < 2) {
      throw new IllegalArgumentException("A score is no distribution");
    }
    double logP = logSumExp(dense);
    double logQ = logSumExp(compressed);
    double sum = 0;
    for (int j = 0; j < dense.length; j++) {
      double lnP = dense[j] - logP;
      sum += Math.exp(lnP) * (lnP - (compressed[j] - logQ));
    }
    // Rounding may leave it a hair below 0.
    return Math.max(0, sum);
  }

  private static double logSumExp(float[] logits) {
    double largest = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      largest = Math.max(largest, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - largest);
    }
    return largest + Math.log(sum);
  }

  /**
   * Mean over rows of the cosine of both models' embeddings. NaN if there are no rows, a vector is
   * zero, or a value is not finite.
   *
   * @throws IllegalArgumentException if the rows or widths differ
   */
  public static double cosine(Predictions dense, Predictions compressed) {
    dense.requireSameShape(compressed);
    double sum = 0;
    for (int i = 0; i < dense.size(); i++) {
      sum += Cosine.of(dense.values(i), compressed.values(i));
    }
    return sum / dense.size();
  }
}
