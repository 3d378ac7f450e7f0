package dev.assay.sweep;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

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
    String regex =
        pattern
            .chars()
            .mapToObj(
                c ->
                    switch (c) {
                      case '*' -> ".*";
                      case '?' -> ".";
                      default -> Pattern.quote(Character.toString(c));
                    })
            .collect(Collectors.joining());
    return Pattern.matches(regex, name);
  }

  /** What is chosen where the user gave no include patterns. */
  interface DefaultChoice {
    boolean chooses(String name);
  }
}
