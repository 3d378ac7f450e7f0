package dev.assay.compress;

import dev.assay.tensor.Matrix;
import java.io.Serializable;

/**
 * How far an effective weight Ŵ is from its weight W (both out × in), all sums in double, in index
 * order.
 *
 * @param relativeError ‖W − Ŵ‖_F / ‖W‖_F; 0 for a zero matrix that is met exactly
 * @param sqnrDb 10·log₁₀(‖W‖² / ‖W − Ŵ‖²) in decibels, infinite where the error is 0
 * @param maxAbsError max |w − ŵ|
 * @param cosine ⟨W, Ŵ⟩ / (‖W‖·‖Ŵ‖), NaN where one of them is zero
 * @param nonFinite number of NaN and infinite entries of Ŵ
 * @param effectiveBits stored bits per weight
 * @param storedBytes stored bytes
 */
public record LayerMetrics(
    double relativeError,
    double sqnrDb,
    double maxAbsError,
    double cosine,
    long nonFinite,
    double effectiveBits,
    long storedBytes)
    implements Serializable {

  /**
   * Measures a compressed matrix. Cost O(out·in).
   *
   * @param effective Ŵ
   * @param storedBytes what storing it takes
   */
  static LayerMetrics of(Matrix weight, Matrix effective, long storedBytes) {
    float[] w = weight.data();
    float[] decoded = effective.data();
    double error = 0;
    double norm = 0;
    double decodedNorm = 0;
    double inner = 0;
    double largest = 0;
    long nonFinite = 0;
    for (int i = 0; i < w.length; i++) {
      double a = w[i];
      double b = decoded[i];
      if (!Double.isFinite(b)) {
        nonFinite++;
      }
      double difference = a - b;
      error += difference * difference;
      norm += a * a;
      decodedNorm += b * b;
      inner += a * b;
      largest = Math.max(largest, Math.abs(difference));
    }
    return new LayerMetrics(
        error == 0 ? 0 : Math.sqrt(error / norm),
        error == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(norm / error),
        largest,
        inner / Math.sqrt(norm * decodedNorm),
        nonFinite,
        8.0 * storedBytes / w.length,
        storedBytes);
  }
}
