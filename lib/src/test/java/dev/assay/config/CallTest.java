package dev.assay.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CallTest {
  @Test
  void readsNamesWithAndWithoutNumbers() {
    assertThat(Call.parse("absmax").orElseThrow().is("absmax")).isTrue();
    Call sigma = Call.parse(" sigma( 2.5 ) ").orElseThrow();
    assertThat(sigma.is("sigma", 0, 10)).isTrue();
    assertThat(sigma.is("sigma", 3, 10)).isFalse();
    assertThat(sigma.is("sigma")).isFalse();
    assertThat(sigma.number().getAsDouble()).isEqualTo(2.5);
  }

  @Test
  void refusesOtherForms() {
    for (String text :
        new String[] {"", "sigma(", "sigma()", "sigma(a)", "sigma(NaN)", "2", "a b"}) {
      assertThat(Call.parse(text)).as(text).isEmpty();
    }
  }
}
