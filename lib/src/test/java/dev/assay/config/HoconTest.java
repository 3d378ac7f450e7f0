package dev.assay.config;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.assay.InputException;
import dev.assay.sweep.SweepSettings;
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
}
