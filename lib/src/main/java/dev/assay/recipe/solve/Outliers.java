package dev.assay.recipe.solve;

import dev.assay.config.Settings;
import dev.assay.part.Overlay;
import dev.assay.recipe.ValueType;
import dev.assay.recipe.quantize.Fit;
import dev.assay.recipe.quantize.Granule;
import dev.assay.recipe.quantize.Quantizer;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * SpQR's outliers (arXiv:2306.03078): entries that are kept as real numbers because rounding them
 * would cost more than T in the loss. T is {@code threshold} times the mean over columns of
 * var(W₍:,ⱼ₎)/Uⱼⱼ², variances unbiased over output rows: a larger threshold means fewer outliers.
 *
 * @param threshold relative threshold, 0 or more and finite
 * @param values what outliers are stored in
 * @param indices how their positions are stored
 */
public record Outliers(double threshold, ValueType values, Overlay.IndexType indices)
    implements Serializable {

  /** Reads the block; empty where the threshold is infinite. */
  static Optional<Outliers> read(Settings settings) {
    ValueType values = settings.choice("value-type", ValueType.class, ValueType.SOURCE);
    Overlay.IndexType indices =
        settings.choice("index-type", Overlay.IndexType.class, Overlay.IndexType.I32);
    return settings.text("threshold", "0.2").equals("inf")
        ? Optional.empty()
        : Optional.of(new Outliers(settings.number("threshold", 0.2, 0, 1e300), values, indices));
  }

  /** T: {@link #threshold} times the mean over columns of var(W₍:,ⱼ₎)/Uⱼⱼ². */
  double limit(Walk walk) {
    int rows = walk.rows();
    int cols = walk.cols();
    double sum = 0;
    for (int step = 0; step < cols; step++) {
      double mean = 0;
      for (int row = 0; row < rows; row++) {
        mean += walk.at(row, step) / rows;
      }
      double squares = 0;
      for (int row = 0; row < rows; row++) {
        double centred = walk.at(row, step) - mean;
        squares += centred * centred;
      }
      double scale = walk.curvature().scale(step);
      sum += squares / (rows - 1) / (scale * scale);
    }
    return threshold * (cols == 0 ? 0 : sum / cols);
  }

  Map<String, Object> canonical() {
    return Map.of(
        "threshold",
        threshold,
        "value-type",
        values.label(),
        "index-type",
        indices.name().toLowerCase(Locale.ROOT));
  }

  /**
   * The entries of a granule to fit its scale to: all but the likely outliers. An entry is likely
   * one if leaving it out, with the range refitted to the others, lowers Σ(ŵ − w)²/U² by more than
   * {@code limit}. Only the least and the greatest entry move the range, so the others' gain is
   * their own error and there is at most one refit per extreme value.
   *
   * @param entries the granule's entries, {@code count} of them
   * @param scales U of each entry
   * @param limit T
   */
  static Granule inliers(
      float[] entries, double[] scales, int count, Quantizer quantizer, double limit) {
    Granule all = Granule.of(entries, count);
    Fit base = quantizer.fit(all);
    double[] errors = new double[count];
    double total = 0;
    int lowest = 0;
    int highest = 0;
    for (int i = 0; i < count; i++) {
      errors[i] = error(entries[i], scales[i], base);
      total += errors[i];
      lowest += entries[i] == all.lo() ? 1 : 0;
      highest += entries[i] == all.hi() ? 1 : 0;
    }
    float[] inliers = new float[count];
    int kept = 0;
    for (int i = 0; i < count; i++) {
      boolean extreme =
          (lowest == 1 && entries[i] == all.lo()) || (highest == 1 && entries[i] == all.hi());
      double gain = extreme ? total - without(i, entries, scales, count, quantizer) : errors[i];
      if (gain <= limit) {
        inliers[kept++] = entries[i];
      }
    }
    return Granule.of(Arrays.copyOf(inliers, kept), kept);
  }

  /** Σ(ŵ − w)²/U² of all entries but one, with the range fitted to them. */
  private static double without(
      int left, float[] entries, double[] scales, int count, Quantizer quantizer) {
    float[] others = new float[count];
    int kept = 0;
    for (int i = 0; i < count; i++) {
      if (i != left) {
        others[kept++] = entries[i];
      }
    }
    Fit fit = quantizer.fit(Granule.of(others, kept));
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += i == left ? 0 : error(entries[i], scales[i], fit);
    }
    return sum;
  }

  private static double error(float w, double scale, Fit fit) {
    double error = (fit.decode(fit.code(w)) - (double) w) / scale;
    return error * error;
  }
}
