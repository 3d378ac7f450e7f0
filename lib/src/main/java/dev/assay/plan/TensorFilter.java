package dev.assay.plan;

import java.util.List;

/**
 * Chooses tensors by patterns on their names: {@code *} stands for any characters, {@code ?} for
 * one. A name is chosen if an include pattern matches and no exclude pattern does.
 *
 * @param include patterns; none means the caller's default choice
 * @param exclude patterns
 */
public record TensorFilter(List<String> include, List<String> exclude) {
  /**
   * Whether the patterns choose {@code name}.
   *
   * @param byDefault whether it is chosen where there are no include patterns
   */
  boolean chooses(String name, DefaultChoice byDefault) {
    boolean included = include.isEmpty() ? byDefault.chooses(name) : anyMatches(include, name);
    return included && !anyMatches(exclude, name);
  }

  /** Whether any of the patterns matches the whole name. */
  static boolean anyMatches(List<String> patterns, String name) {
    return patterns.stream().anyMatch(pattern -> matches(pattern, name));
  }

  private static boolean matches(String pattern, String name) {
    // As regular expressions, stars would try every way of dividing the name among them.
    int at = 0;
    int star = -1;
    int behindStar = 0;
    for (int i = 0; i < name.length(); ) {
      boolean more = at < pattern.length();
      if (more && pattern.charAt(at) == '*') {
        star = at++;
        behindStar = i;
      } else if (more && (pattern.charAt(at) == '?' || pattern.charAt(at) == name.charAt(i))) {
        at++;
        i++;
      } else if (star >= 0) {
        // The last star takes one more; what an earlier one could take, it can.
        at = star + 1;
        i = ++behindStar;
      } else {
        return false;
      }
    }
    while (at < pattern.length() && pattern.charAt(at) == '*') {
      at++;
    }
    return at == pattern.length();
  }

  /** What is chosen where the user gave no include patterns. */
  interface DefaultChoice {
    boolean chooses(String name);
  }
}
