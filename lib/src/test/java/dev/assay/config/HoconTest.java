package dev.assay.config;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.assay.InputException;
import dev.assay.plan.SweepSettings;
import java.util.List;
import org.junit.jupiter.api.Test;

class HoconTest {
  @Test
  void bracketsBeyondTheStackAreAnError() {
    assertThatThrownBy(() -> Hocon.parse("a=" + "[".repeat(100_000), "my.conf"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("my.conf: ");
    assertThatThrownBy(() -> Hocon.parse("a" + ".a".repeat(16_000) + " = 1", "my.conf"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("my.conf: Has a key of more than 200 parts");
  }

  @Test
  void whatNestsTooDeeplyToBeWalkedIsAnError() {
    Config deep = Hocon.parse("a=" + "[".repeat(99) + "]".repeat(99), "my.conf");
    assertThatThrownBy(() -> Hocon.whole(deep, List.of(), SweepSettings.class))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("my.conf: 1: The configuration nests more than 64");
    assertThatThrownBy(
            () ->
                Hocon.whole(
                    ConfigFactory.empty(),
                    List.of("a" + ".a".repeat(99) + "=1"),
                    SweepSettings.class))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("nests more than 64");
  }

  @Test
  void aMissingKeyIsMissingInTheFile() {
    assertThatThrownBy(() -> SweepSettings.read(Hocon.parse("# all to come", "my.conf"), List.of()))
        .hasMessageStartingWith("my.conf: Key 'sweep' is missing");
    for (List<String> overrides : List.of(List.<String>of(), List.of("out=there"))) {
      assertThatThrownBy(
              () -> SweepSettings.read(Hocon.parse("model = here\nseed = 1", "my.conf"), overrides))
          .isInstanceOf(InputException.class)
          .hasMessageStartingWith("my.conf: Key 'sweep' is missing");
    }
    assertThatThrownBy(
            () -> SweepSettings.read(ConfigFactory.empty("command line"), List.of("out=there")))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("command line: Key 'sweep' is missing");
  }
}
