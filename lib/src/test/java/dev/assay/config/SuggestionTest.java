package dev.assay.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SuggestionTest {
  @Test
  void countsEdits() {
    assertThat(Suggestion.distance("", "abc")).isEqualTo(3);
    assertThat(Suggestion.distance("bits", "bits")).isZero();
    assertThat(Suggestion.distance("bist", "bits")).isEqualTo(1);
    assertThat(Suggestion.distance("kitten", "sitting")).isEqualTo(3);
  }

  @Test
  void namesTheClosestChoiceOnlyWhenItIsClose() {
    List<String> choices = List.of("sweep", "plan", "sql", "help");
    assertThat(Suggestion.of("swep", choices))
        .isEqualTo("Did you mean 'sweep'? Choose one of: help, plan, sql, sweep");
    assertThat(Suggestion.of("calibrate", choices))
        .isEqualTo("Choose one of: help, plan, sql, sweep");
  }

  @Test
  void ordersLongListsByTypingErrorsThenByCommonStart() {
    List<String> choices =
        List.of("dense", "svd(rank=8)", "rtn(bits=2)", "rtn(bits=4, granularity=row)");
    assertThat(Suggestion.nearest("rtn(bits=4)", choices, 2))
        .containsExactly("rtn(bits=2)", "rtn(bits=4, granularity=row)");
    assertThat(Suggestion.nearest("rtn(bits=4, granularity=tensor)", choices, 1))
        .containsExactly("rtn(bits=4, granularity=row)");
    assertThat(Suggestion.nearest("rtn(bits=4, granularityrow)", choices, 1))
        .containsExactly("rtn(bits=4, granularity=row)");
    assertThat(Suggestion.nearest("dnese", choices, 9)).hasSize(4).startsWith("dense");
  }
}
