package dev.assay.recipe.solve;

import dev.assay.config.Settings;
import dev.assay.recipe.Exact;
import dev.assay.recipe.prune.PruneBudget;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** Which entries a {@link Solve} stage prunes, by w²/Uⱼⱼ²: what pruning would cost, least first. */
public interface Sparsity extends Serializable {
  /**
   * A share of every block of columns, over all its rows (SparseGPT): the entries with a score up
   * to that of rank ⌊size·share⌋, from 0 and ascending, so one more than the share, and ties with
   * it, as the authors' code has it.
   *
   * @param share above 0 and below 1
   */
  record Share(double share) implements Sparsity {
    @Override
    public void block(Walk walk, int from, int to) {
      int width = to - from;
      double[] scores = new double[walk.rows() * width];
      for (int row = 0, at = 0; row < walk.rows(); row++) {
        for (int step = from; step < to; step++, at++) {
          scores[at] = walk.pruningCost(row, step);
        }
      }
      double[] sorted = scores.clone();
      Arrays.sort(sorted);
      double threshold = sorted[Exact.share(share, sorted.length, 1)];
      for (int row = 0, at = 0; row < walk.rows(); row++) {
        for (int step = from; step < to; step++, at++) {
          if (scores[at] <= threshold && scores[at] != Double.POSITIVE_INFINITY) {
            walk.pruned().set(walk.entry(row, step));
          }
        }
      }
    }

    @Override
    public Map<String, Object> canonical() {
      return Map.of("sparsity", share);
    }
  }

  /**
   * N:M: in every output row, {@code zeros} of every {@code of} neighbouring columns, chosen when
   * the walk reaches the first of them; the first of equals. Columns left over at the end stay
   * dense.
   *
   * @param zeros pruned columns, 1 to {@code of} − 1
   * @param of columns that are looked at together
   */
  record Pattern(int zeros, int of) implements Sparsity {
    @Override
    public double share() {
      return (double) zeros / of;
    }

    @Override
    public void entry(Walk walk, int row, int step) {
      if (step % of != 0 || step + of > walk.cols()) {
        return;
      }
      double[] scores = new double[of];
      Arrays.setAll(scores, i -> walk.pruningCost(row, step + i));
      for (int i = 0; i < zeros; i++) {
        int least = 0;
        for (int k = 1; k < scores.length; k++) {
          least = scores[k] < scores[least] ? k : least;
        }
        if (scores[least] < Double.POSITIVE_INFINITY) {
          walk.pruned().set(walk.entry(row, step + least));
        }
        scores[least] = Double.POSITIVE_INFINITY;
      }
    }

    @Override
    public Map<String, Object> canonical() {
      return Map.of("pattern", zeros + ":" + of);
    }
  }

  /** The share of entries that are pruned, 0 to 1. */
  double share();

  /** Prunes when the walk comes to the columns [from, to) that are counted together. */
  default void block(Walk walk, int from, int to) {}

  /** Prunes when the walk comes to an entry. */
  default void entry(Walk walk, int row, int step) {}

  /** Everything that determines the choice. */
  Map<String, Object> canonical();

  /** Reads {@code sparsity} or {@code pattern}; empty where that is of nothing. */
  static Optional<Sparsity> read(Settings settings) {
    boolean share = settings.given("sparsity");
    boolean pattern = settings.given("pattern");
    if (share == pattern) {
      throw settings.wrong(
          "pattern",
          settings.text("pattern", "none"),
          "Give either sparsity or pattern, and none for the other");
    }
    if (pattern) {
      PruneBudget.Pattern chosen = PruneBudget.Pattern.read(settings);
      return Optional.<Sparsity>of(new Pattern(chosen.zeros(), chosen.of()))
          .filter(sparsity -> sparsity.share() > 0);
    }
    double chosen = settings.number("sparsity", 0, 1);
    if (chosen == 1) {
      throw settings.wrong(
          "sparsity", settings.text("sparsity"), "Use a share from 0 to below 1: 1 leaves nothing");
    }
    return Optional.<Sparsity>of(new Share(chosen)).filter(sparsity -> sparsity.share() > 0);
  }
}
