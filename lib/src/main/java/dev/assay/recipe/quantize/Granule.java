package dev.assay.recipe.quantize;

import dev.assay.recipe.State;
import java.util.Arrays;

/**
 * The entries of one granule that are still to be represented: what a scale is fitted to. Entries
 * that are settled already do not count.
 */
public final class Granule {
  private final float[] entries;
  private final int count;
  private final float lo;
  private final float hi;

  private Granule(float[] entries, int count) {
    this.entries = entries;
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

  /** The entries [from, to) of the state's rest (row-major) that are not frozen. */
  public static Granule of(State state, int from, int to) {
    float[] all = Arrays.copyOfRange(state.rest().data(), from, to);
    int count = 0;
    for (int i = 0; i < all.length; i++) {
      if (!state.frozen(from + i)) {
        all[count++] = all[i];
      }
    }
    return new Granule(all, count);
  }

  /** The first {@code count} of {@code entries}, which become the granule's. */
  public static Granule of(float[] entries, int count) {
    return new Granule(entries, count);
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
  public double error(Grid grid, Grid.Fit fit, int bits, double norm, double bound) {
    double sum = 0;
    for (int i = 0; i < count && sum < bound; i++) {
      float w = entries[i];
      float decoded = fit.decode(grid.code(w, fit, bits));
      sum += Math.pow(Math.abs(decoded - w), norm);
    }
    return sum;
  }
}
