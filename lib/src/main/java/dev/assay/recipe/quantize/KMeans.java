package dev.assay.recipe.quantize;

import dev.assay.config.Settings;
import dev.assay.part.Granularity;
import dev.assay.recipe.Knowledge;
import dev.assay.recipe.Need;
import dev.assay.recipe.Outline;
import dev.assay.recipe.State;
import dev.assay.recipe.UnfitException;
import dev.assay.recipe.Work;
import dev.assay.tensor.DType;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A table of 2^bits levels per granule with the least Σ gᵢ·(wᵢ − ŵᵢ)², which {@link Clusters} finds
 * exactly. With g the diagonal of the empirical Fisher information it is SqueezeLLM's sensitivity-
 * based k-means (Kim et al., arXiv:2306.07629, section 4.1), whose authors settle for the local
 * optimum of scikit-learn's iteration, some percent above. A granule whose g are all 0 counts all
 * its entries alike, as theirs does.
 *
 * <p>Cost: 2^bits·n·log n operations for a granule of n entries. Deterministic.
 *
 * @param bits 1 to 8
 * @param granularity which entries share a table: rows, or groups of columns
 * @param weights what g is
 * @param type what levels are stored in
 */
public record KMeans(int bits, Granularity granularity, Weights weights, DType type)
    implements Quantizer {
  /** How much an entry's error counts. */
  public enum Weights {
    /** All count alike. */
    NONE,
    /** The mean squared gradient of a task's loss; known in the weight's own basis only. */
    FISHER
  }

  /** Checks that granules are small enough for the exact optimum. */
  public KMeans {
    if (granularity instanceof Granularity.Tensor) {
      throw new UnfitException(
          "levels = k-means finds a table's exact optimum, which takes too long for a whole"
              + " tensor; use granularity = row, or groups");
    }
  }

  static KMeans read(Settings settings) {
    return new KMeans(
        settings.integer("bits", 1, 8),
        Quantizers.granularity(settings),
        settings.choice("weights", Weights.class, Weights.NONE),
        settings.choice("level-type", DType.class, DType.F16));
  }

  @Override
  public Quantizer with(Granularity other) {
    return new KMeans(bits, other, weights, type);
  }

  @Override
  public Fit fit(Granule granule) {
    double[] centres = Clusters.of(granule, 1 << bits).centres();
    float[] levels = new float[centres.length];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = (float) centres[i];
    }
    return new CodebookFit(levels);
  }

  @Override
  public LevelStore store(int groups, int count) {
    return new CodebookStore(1 << bits, groups, count, type);
  }

  @Override
  public Optional<float[]> importance(State state, Knowledge knowledge) {
    if (weights == Weights.NONE) {
      return Optional.empty();
    }
    if (!state.basis().isEmpty()) {
      throw transformed();
    }
    return Optional.of(knowledge.fisher().diagonal().data());
  }

  private static UnfitException transformed() {
    return new UnfitException(
        "weights = fisher is known in the weight's own basis only; it cannot follow a transform");
  }

  @Override
  public void plan(Outline before) {
    if (weights == Weights.FISHER && before.factor()) {
      throw new UnfitException(
          "weights = fisher is of the weight's entries; of a low-rank factor's nothing is known");
    }
    if (weights == Weights.FISHER && before.rebased()) {
      throw transformed();
    }
  }

  @Override
  public Set<Need> needs() {
    return weights == Weights.FISHER ? Set.of(Need.FISHER) : Set.of();
  }

  @Override
  public Map<String, Object> canonical() {
    return Map.of(
        "version",
        1,
        "levels",
        "k-means",
        "bits",
        bits,
        "granularity",
        granularity.toString(),
        "weights",
        weights.name().toLowerCase(Locale.ROOT),
        "level-type",
        type.label());
  }

  @Override
  public Work work(int rows, int cols) {
    double depth = Math.log(1 + granularity.span(cols)) / Math.log(2);
    return new Work(0, (double) rows * cols * depth * (2 << bits));
  }
}
