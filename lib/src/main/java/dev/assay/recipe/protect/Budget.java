package dev.assay.recipe.protect;

import dev.assay.config.Settings;
import dev.assay.recipe.Exact;
import dev.assay.recipe.UnfitException;
import java.io.Serializable;

/** How many entries of a matrix may be protected. */
public interface Budget extends Serializable {
  /**
   * A number of entries per matrix.
   *
   * @param entries k ≥ 0
   */
  record Count(int entries) implements Budget {
    @Override
    public int wanted(int rows, int cols) {
      return entries;
    }

    @Override
    public boolean nothing() {
      return entries == 0;
    }

    @Override
    public String toString() {
      return Integer.toString(entries);
    }
  }

  /**
   * A share of the entries, rounded down.
   *
   * @param percent 0 to 100
   */
  record Percent(double percent) implements Budget {
    @Override
    public int wanted(int rows, int cols) {
      return Exact.share(percent, (long) rows * cols, 100);
    }

    @Override
    public boolean nothing() {
      return percent == 0;
    }

    @Override
    public String toString() {
      return percent + "%";
    }
  }

  /**
   * The number of entries for a rows × cols matrix.
   *
   * @throws UnfitException if the matrix has fewer
   */
  default int entries(int rows, int cols) {
    int entries = wanted(rows, cols);
    long size = (long) rows * cols;
    if (entries > size) {
      throw new UnfitException(
          "keep = "
              + entries
              + " is more than the "
              + size
              + " entries of a "
              + rows
              + " × "
              + cols
              + " matrix; keep at most that many, or a percentage");
    }
    return entries;
  }

  /** The number of entries asked for, whether or not a rows × cols matrix has that many. */
  int wanted(int rows, int cols);

  /** Whether it is zero for every matrix. */
  boolean nothing();

  /** Reads {@code keep = 100} or {@code keep = "0.5%"}. */
  static Budget read(Settings settings) {
    String text = settings.text("keep").strip();
    try {
      if (text.endsWith("%")) {
        double percent = Double.parseDouble(text.substring(0, text.length() - 1).strip());
        if (percent >= 0 && percent <= 100) {
          return new Percent(percent);
        }
      } else if (Integer.parseInt(text) >= 0) {
        return new Count(Integer.parseInt(text));
      }
    } catch (NumberFormatException e) {
      // Falls through to the one message for all.
    }
    throw settings.wrong("keep", text, "Use a number of entries, or a percentage such as \"0.5%\"");
  }
}
