package dev.assay.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.InputException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SideBySideTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "recipes = [ {method = dense} {method = rtn} ]",
        "a = 1\nrecipes = [ {method = dense}{method = rtn, bits = 4} ]",
        "recipes = [{a = \"}\"}\t{b = 2}]",
        "a { b = 1 } { c = 2 }",
      })
  void blocksWithoutACommaAreAnError(String text) {
    assertThatThrownBy(() -> Hocon.parse(text, "sweep.conf"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("sweep.conf: " + (text.startsWith("a = 1") ? 2 : 1))
        .hasMessageContaining("Put a comma between them");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "r = [ {a = 1}, {b = 2} ]",
        "r = [ {a = 1}\n{b = 2} ]",
        "base {a = 1}\nr = [ ${base} {b = 2} ]",
        "base {a = 1}\nr = [ {b = 2} ${base} ]",
        "r = [ {a = \"} {\"} ] # {a} {b}",
        "r = \"\"\"{} {}\n\"\"\"\ns = {} // {} {}",
        "r = \"a \\\" } {\"",
        "a {b {c = 1}}",
      })
  void othersAreNot(String text) {
    assertThat(Hocon.parse(text, "sweep.conf").resolve().isEmpty()).isFalse();
  }
}
