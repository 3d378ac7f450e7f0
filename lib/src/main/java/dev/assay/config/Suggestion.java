package dev.assay.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/** Finds what a mistyped word was meant to be. */
public final class Suggestion {
  private Suggestion() {}

  /** "Did you mean 'x'? Choose one of a, b, c", or only the choices where nothing is close. */
  public static String of(String word, Collection<String> choices) {
    String all = "Choose one of: " + String.join(", ", new TreeSet<>(choices));
    return choices.stream()
        .filter(choice -> distance(word, choice) <= Math.max(2, choice.length() / 3))
        .min(Comparator.comparingInt(choice -> distance(word, choice)))
        .map(closest -> "Did you mean '" + closest + "'? " + all)
        .orElse(all);
  }

  /**
   * At most {@code count} of the choices, for lists too long to show: what the word may be a typing
   * error of, then what begins most like it.
   */
  public static List<String> nearest(String word, Collection<String> choices, int count) {
    return choices.stream()
        .distinct()
        .sorted(
            Comparator.comparingInt((String choice) -> typingErrors(word, choice))
                .thenComparing(
                    Comparator.comparingInt((String choice) -> commonStart(word, choice))
                        .reversed())
                .thenComparing(Comparator.naturalOrder()))
        .limit(count)
        .toList();
  }

  private static int typingErrors(String word, String choice) {
    int distance = distance(word, choice);
    return distance <= Math.max(2, choice.length() / 8) ? distance : Integer.MAX_VALUE;
  }

  private static int commonStart(String a, String b) {
    int length = 0;
    while (length < Math.min(a.length(), b.length()) && a.charAt(length) == b.charAt(length)) {
      length++;
    }
    return length;
  }

  /** Edits (insert, delete, replace, swap neighbours) that make one word of the other. */
  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(d[i - 1][j - 1] + cost, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
