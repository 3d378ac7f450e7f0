package dev.assay.recipe.factor;

import dev.assay.config.Call;
import dev.assay.config.Settings;
import dev.assay.recipe.Exact;
import dev.assay.recipe.UnfitException;
import java.io.Serializable;
import java.util.Optional;

/** How many singular triples to keep. */
public interface Rank extends Serializable {
  /**
   * A number of triples.
   *
   * @param rank r ≥ 1
   */
  record Fixed(int rank) implements Rank {
    @Override
    public int wanted(int rows, int cols) {
      return rank;
    }

    @Override
    public String toString() {
      return Integer.toString(rank);
    }
  }

  /**
   * The largest rank at which the factors hold at most this share of the weight's parameters: r =
   * ⌊ρ·m·n/(m+n)⌋.
   *
   * @param ratio ρ, the kept share, above 0
   */
  record Ratio(double ratio) implements Rank {
    @Override
    public int wanted(int rows, int cols) {
      return Exact.share(ratio, (long) rows * cols, (long) rows + cols);
    }

    @Override
    public String toString() {
      return "ratio(" + ratio + ")";
    }
  }

  /**
   * The rank for a rows × cols matrix.
   *
   * @throws UnfitException if it is not between 1 and min(rows, cols)
   */
  default int of(int rows, int cols) {
    int rank = wanted(rows, cols);
    if (rank < 1 || rank > Math.min(rows, cols)) {
      throw new UnfitException(
          "rank = "
              + this
              + " asks for rank "
              + rank
              + " of a "
              + rows
              + " × "
              + cols
              + " matrix; it must be between 1 and "
              + Math.min(rows, cols));
    }
    return rank;
  }

  /** The rank for a rows × cols matrix, whether or not it has that many. */
  int wanted(int rows, int cols);

  /** The nearest rank that a rows × cols matrix has; for estimates and planning. */
  default int capped(int rows, int cols) {
    return Math.max(1, Math.min(wanted(rows, cols), Math.min(rows, cols)));
  }

  /** Reads {@code rank = 8} or {@code rank = "ratio(0.5)"}. */
  static Rank read(Settings settings) {
    String text = settings.text("rank").strip();
    Optional<Call> call = Call.parse(text);
    if (call.isPresent() && call.get().is("ratio", Double.MIN_VALUE, 1e3)) {
      return new Ratio(call.get().number().getAsDouble());
    }
    if (call.isPresent()) {
      throw settings.wrong("rank", text, "Use a whole number, or ratio(0.5) with a number above 0");
    }
    return new Fixed(settings.integer("rank", 1, 1 << 20));
  }
}
