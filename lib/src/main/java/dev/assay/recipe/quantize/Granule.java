package dev.assay.recipe.quantize;

import dev.assay.recipe.State;
import java.util.Arrays;
import java.util.Optional;

/**
 * The entries of one granule that are still to be represented: what levels are fitted to. Entries
 * that are settled already do not count.
 */
public final class Granule {
  private final float[] entries;
  private final Optional<float[]> weights;
  private final int count;
  private final float lo;
  private final float hi;

  private Granule(float[] entries, Optional<float[]> weights, int count) {
    this.entries = entries;
    this.weights = weights;
    this.count = count;
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      low = Math.min(low, entries[i]);
      high = Math.max(high, entries[i]);
    }
    this.lo = count == 0 ? 0 : low;
    this.hi = count == 0 ? 0 : high;
  }

  /**
   * The entries [from, to) of the state's rest (row-major) that are not frozen.
   *
   * @param importance how much each entry of the matrix counts; empty where all count alike
   */
  static Granule of(State state, Optional<float[]> importance, int from, int to) {
    float[] all = Arrays.copyOfRange(state.rest().data(), from, to);
    Optional<float[]> weights = importance.map(of -> Arrays.copyOfRange(of, from, to));
    int count = 0;
    for (int i = 0; i < all.length; i++) {
      if (!state.frozen(from + i)) {
        if (weights.isPresent()) {
          weights.get()[count] = weights.get()[i];
        }
        all[count++] = all[i];
      }
    }
    return new Granule(all, weights, count);
  }

  /** The first {@code count} of {@code entries}, which become the granule's. */
  public static Granule of(float[] entries, int count) {
    return new Granule(entries, Optional.empty(), count);
  }

  /** The same, where the first {@code count} of {@code weights} say how much each counts. */
  public static Granule of(float[] entries, float[] weights, int count) {
    return new Granule(entries, Optional.of(weights), count);
  }

  /** Number of entries. */
  int count() {
    return count;
  }

  float entry(int index) {
    return entries[index];
  }

  /** How much an entry counts, 0 or more. */
  double weight(int index) {
    return weights.isPresent() ? weights.get()[index] : 1;
  }

  public float lo() {
    return lo;
  }

  public float hi() {
    return hi;
  }

  public double mean() {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += entries[i];
    }
    return count == 0 ? 0 : sum / count;
  }

  /** Population standard deviation about the mean. */
  public double deviation() {
    double mean = mean();
    double sum = 0;
    for (int i = 0; i < count; i++) {
      double centred = entries[i] - mean;
      sum += centred * centred;
    }
    return count == 0 ? 0 : Math.sqrt(sum / count);
  }

  /** Σ|ŵ − w|^norm; gives up once it passes {@code bound}. */
  public double error(Fit fit, double norm, double bound) {
    double sum = 0;
    for (int i = 0; i < count && sum < bound; i++) {
      float w = entries[i];
      float decoded = fit.decode(fit.code(w));
      sum += Math.pow(Math.abs(decoded - w), norm);
    }
    return sum;
  }
}
