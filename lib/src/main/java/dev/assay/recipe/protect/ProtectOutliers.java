package dev.assay.recipe.protect;

import dev.assay.config.Settings;
import dev.assay.part.Overlay;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Outline;
import dev.assay.recipe.Stage;
import dev.assay.recipe.State;
import dev.assay.recipe.UnfitException;
import dev.assay.recipe.ValueType;
import dev.assay.recipe.Work;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Locale;
import java.util.Map;

/**
 * Keeps the entries that lie far from the others as they are: |w| ≥ T = max(|q₁ − c·IQR|, |q₃ +
 * c·IQR|) with the quartiles q₁, q₃ of the matrix's entries, interpolated, and IQR = q₃ − q₁
 * (SqueezeLLM, Kim et al., arXiv:2306.07629, section 4.2; SqueezeAILab/SqueezeLLM, outliers.py).
 * What {@code protect} keeps already stays kept, and all of it is stored as this stage says.
 *
 * @param range c, 0 or more; infinite ({@code none}) keeps nothing
 * @param values what to store the entries in
 * @param indices how to store their positions
 */
public record ProtectOutliers(double range, ValueType values, Overlay.IndexType indices)
    implements Stage {

  /** Reads the stage from its block. */
  public static ProtectOutliers read(Settings settings) {
    return new ProtectOutliers(
        settings.text("range", "1.8").equals("none")
            ? Double.POSITIVE_INFINITY
            : settings.number("range", 1.8, 0, 1e6),
        settings.choice("value-type", ValueType.class, ValueType.SOURCE),
        settings.choice("index-type", Overlay.IndexType.class, Overlay.IndexType.I32));
  }

  @Override
  public String name() {
    return "outliers";
  }

  @Override
  public State apply(State state, Knowledge knowledge) {
    check(state.rest().rows(), state.rest().cols());
    float[] entries = state.rest().data();
    BitSet kept = state.frozen();
    if (entries.length > 0) {
      double threshold = threshold(entries);
      for (int i = 0; i < entries.length; i++) {
        if (Math.abs(entries[i]) >= threshold) {
          kept.set(i);
        }
      }
    }
    return state.protect(
        kept, new Overlay(state.weight(), kept, values.of(state.stored()), indices));
  }

  private double threshold(float[] entries) {
    float[] sorted = entries.clone();
    Arrays.sort(sorted);
    double first = quantile(sorted, 0.25);
    double third = quantile(sorted, 0.75);
    double reach = range * (third - first);
    return Math.max(Math.abs(first - reach), Math.abs(third + reach));
  }

  private static double quantile(float[] sorted, double share) {
    double place = share * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * ((double) sorted[above] - sorted[below]);
  }

  @Override
  public Outline plan(Outline before) {
    if (before.pruned()) {
      throw new UnfitException(
          "Stage 'outliers' comes after 'prune', whose zeros are none of the entries; keep outliers"
              + " before");
    }
    return before.withFrozen();
  }

  @Override
  public boolean idle() {
    return Double.isInfinite(range);
  }

  @Override
  public Map<String, Object> canonical() {
    return Map.of(
        "version",
        1,
        "range",
        range,
        "value-type",
        values.label(),
        "index-type",
        indices.name().toLowerCase(Locale.ROOT));
  }

  @Override
  public void check(int rows, int cols) {
    Protect.checkColumns(indices, cols);
  }

  @Override
  public Work work(int rows, int cols) {
    return new Work(0, 20.0 * rows * cols);
  }
}
