package dev.assay.recipe.prune;

import dev.assay.config.Settings;
import dev.assay.recipe.Exact;
import dev.assay.recipe.UnfitException;
import dev.assay.recipe.score.TopK;
import java.io.Serializable;
import java.util.BitSet;
import java.util.regex.Matcher;

/** How many entries of a matrix are pruned, and among which of them scores are compared. */
public interface PruneBudget extends Serializable {
  /** Among which entries scores are compared. */
  enum Scope {
    /** All entries of the matrix. */
    MATRIX,
    /** The entries of one output row; every row loses as many. */
    ROW
  }

  /**
   * A share of the entries of the matrix, or of every row, rounded down: exactly that many. Settled
   * entries are never pruned and count as kept.
   *
   * @param share 0 to 1
   * @param scope among which entries
   */
  record Share(double share, Scope scope) implements PruneBudget {
    @Override
    public BitSet lowest(float[] scores, int cols, BitSet settled) {
      BitSet lowest = new BitSet(scores.length);
      int span = scope == Scope.ROW ? cols : scores.length;
      int wanted = Exact.share(share, span, 1);
      for (int from = 0; from < scores.length; from += span) {
        float[] negated = new float[span];
        int open = 0;
        for (int i = 0; i < span; i++) {
          boolean frozen = settled.get(from + i);
          negated[i] = frozen ? Float.NEGATIVE_INFINITY : -scores[from + i];
          open += frozen ? 0 : 1;
        }
        int start = from;
        TopK.indices(negated, Math.min(wanted, open)).stream().forEach(i -> lowest.set(start + i));
      }
      return lowest;
    }
  }

  /**
   * N:M as the authors of Wanda and SparseGPT write it: N of every M neighbours in a row are zero.
   * Groups are aligned to the row's start; columns at its end that fill no group stay.
   *
   * @param zeros N, 0 to {@code of} − 1
   * @param of M, up to 1024
   */
  record Pattern(int zeros, int of) implements PruneBudget {
    private static final java.util.regex.Pattern FORM =
        java.util.regex.Pattern.compile("(\\d{1,4}):(\\d{1,4})");

    /** Reads {@code pattern = "2:4"}. */
    public static Pattern read(Settings settings) {
      String text = settings.text("pattern").strip();
      Matcher matcher = FORM.matcher(text);
      if (matcher.matches()) {
        int zeros = Integer.parseInt(matcher.group(1));
        int of = Integer.parseInt(matcher.group(2));
        if (zeros < of && of <= 1024) {
          return new Pattern(zeros, of);
        }
      }
      throw settings.wrong(
          "pattern", text, "Use zeros of every few in a row, up to 1024, such as \"2:4\"");
    }

    @Override
    public double share() {
      return (double) zeros / of;
    }

    @Override
    public BitSet lowest(float[] scores, int cols, BitSet settled) {
      BitSet lowest = new BitSet(scores.length);
      for (int row = 0; row < scores.length; row += cols) {
        for (int from = row; from + of <= row + cols; from += of) {
          for (int pruned = 0; pruned < zeros; pruned++) {
            lowest.set(least(scores, from, lowest));
          }
        }
      }
      return lowest;
    }

    private int least(float[] scores, int from, BitSet taken) {
      int least = taken.nextClearBit(from);
      for (int i = least + 1; i < from + of; i++) {
        if (!taken.get(i) && scores[i] < scores[least]) {
          least = i;
        }
      }
      return least;
    }

    @Override
    public void check(int cols) {
      if (cols < of) {
        throw new UnfitException(
            "pattern = " + this + " needs rows of at least " + of + " entries, not " + cols);
      }
    }

    @Override
    public boolean patterned() {
      return true;
    }

    @Override
    public String toString() {
      return zeros + ":" + of;
    }
  }

  /** The share of entries pruned, 0 to 1, but for rounding and columns that fill no group. */
  double share();

  /**
   * The entries to prune (row-major indices): those with the lowest scores, the lower index of
   * equal ones.
   *
   * @param cols length of a row
   * @param settled entries that cannot be pruned
   */
  BitSet lowest(float[] scores, int cols, BitSet settled);

  /** Whether the places of zeros follow a pattern, which entries settled before would break. */
  default boolean patterned() {
    return false;
  }

  /**
   * Checks rows of that many entries.
   *
   * @throws UnfitException if they are too short
   */
  default void check(int cols) {}

  /** Reads {@code sparsity} with {@code scope}, or {@code pattern}. */
  static PruneBudget read(Settings settings) {
    String share = settings.text("sparsity", "none").strip();
    String pattern = settings.text("pattern", "none").strip();
    if (share.equals("none") == pattern.equals("none")) {
      throw settings.wrong(
          "pattern", pattern, "Give either sparsity or pattern, and none for the other");
    }
    if (pattern.equals("none")) {
      return new Share(settings.number("sparsity", 0, 0, 1), settings.choice("scope", Scope.class));
    }
    settings.has("scope"); // a preset has one for its shares; a pattern is within rows
    return Pattern.read(settings);
  }
}
