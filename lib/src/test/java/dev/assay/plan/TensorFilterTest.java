package dev.assay.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TensorFilterTest {
  private static boolean matches(String pattern, String name) {
    return TensorFilter.anyMatches(List.of(pattern), name);
  }

  @ParameterizedTest
  @CsvSource({
    "*, '', true",
    "'', '', true",
    "'', a, false",
    "a, '', false",
    "a*, a, true",
    "*a, ba, true",
    "*a, ab, false",
    "a?c, abc, true",
    "a?c, ac, false",
    "*.query.*, layer.0.query.weight, true",
    "*.query.*, layer.0.key.weight, false",
    "*ab*abc, ababababc, true",
    "*ab*abc, abcab, false",
    "a.c, abc, false",
    "a*b*, axxbyy, true",
    "**a**, bab, true"
  })
  void starsStandForAnythingAndQuestionMarksForOne(String pattern, String name, boolean expected) {
    assertThat(matches(pattern, name)).isEqualTo(expected);
  }

  @Test
  void manyStarsTakeNoLonger() {
    String pattern = "*a".repeat(40) + "b";
    assertTimeoutPreemptively(
        Duration.ofSeconds(20), () -> assertThat(matches(pattern, "a".repeat(500))).isFalse());
  }
}
