package dev.assay.recipe.solve;

import dev.assay.config.Settings;
import java.io.Serializable;
import java.util.Map;
import java.util.regex.Matcher;

/** Which entries a {@link Solve} stage prunes, by w²/Uⱼⱼ²: what pruning would cost, least first. */
public sealed interface Sparsity extends Serializable {
  /**
   * A share of every block of columns, over all its rows (SparseGPT): the entries with a score up
   * to that of rank ⌊size·share⌋, from 0 and ascending, so one more than the share, and ties with
   * it, as the authors' code has it.
   *
   * @param share above 0 and below 1
   */
  record Share(double share) implements Sparsity {
    @Override
    public Map<String, Object> canonical() {
      return Map.of("sparsity", share);
    }
  }

  /**
   * N:M: in every output row, {@code zeros} of every {@code of} neighbouring columns, chosen when
   * the walk reaches the first of them. Columns left over at the end stay dense.
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
    public Map<String, Object> canonical() {
      return Map.of("pattern", zeros + ":" + of);
    }
  }

  /** The share of entries that are pruned, 0 to 1. */
  double share();

  /** Everything that determines the choice. */
  Map<String, Object> canonical();

  static Sparsity read(Settings settings) {
    boolean share = settings.given("sparsity");
    boolean pattern = settings.given("pattern");
    if (share == pattern) {
      throw settings.wrong(
          "pattern",
          settings.text("pattern", "none"),
          "Give either sparsity or pattern, and none for the other");
    }
    if (share) {
      return new Share(settings.number("sparsity", Double.MIN_VALUE, Math.nextDown(1.0)));
    }
    String text = settings.text("pattern").strip();
    Matcher matcher = java.util.regex.Pattern.compile("([0-9]{1,4}):([0-9]{1,4})").matcher(text);
    if (matcher.matches()) {
      int zeros = Integer.parseInt(matcher.group(1));
      int of = Integer.parseInt(matcher.group(2));
      if (zeros > 0 && zeros < of) {
        return new Pattern(zeros, of);
      }
    }
    throw settings.wrong("pattern", text, "Use a pattern such as 2:4, two zeros in four columns");
  }
}
