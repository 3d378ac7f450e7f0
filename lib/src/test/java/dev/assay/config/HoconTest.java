package dev.assay.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.assay.InputException;
import dev.assay.plan.SweepSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  private static Config parse(Path file) {
    return Hocon.parse(file.toString(), ConfFiles.LOCAL);
  }

  @Test
  void whatAFileIncludesLiesBesideIt(@TempDir Path folder) throws IOException {
    Path deeper = Files.createDirectory(folder.resolve("deeper"));
    Files.writeString(
        folder.resolve("main.conf"),
        "a = 1\ninclude \"deeper/over\"\nb { include required(\"deeper/c.json\") }");
    Files.writeString(deeper.resolve("over.conf"), "a = 2\ninclude file(\"c.json\")");
    Files.writeString(deeper.resolve("c.json"), "{\"c\": 3, \"d\": ${c}}".replace("${c}", "4"));

    // A name without a folder is one of the working directory.
    Path relative = Path.of("").toAbsolutePath().relativize(folder.resolve("main.conf"));
    for (Path file : List.of(folder.resolve("main.conf"), relative)) {
      Config config = parse(file);
      assertThat(config.getInt("a")).isEqualTo(2);
      assertThat(config.getInt("c")).isEqualTo(3);
      assertThat(config.getInt("b.d")).isEqualTo(4);
    }
    assertThat(ConfFiles.LOCAL.beside("main.conf", "over.conf")).isEqualTo("over.conf");
    assertThat(ConfFiles.LOCAL.beside("/a/main.conf", "../b.conf")).isEqualTo("/b.conf");
  }

  @Test
  void aFileThatIsIncludedMustBeThere(@TempDir Path folder) throws IOException {
    Path main = folder.resolve("main.conf");
    Files.writeString(main, "include \"ovr.conf\"");
    assertThatThrownBy(() -> parse(main))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(main + ": Includes \"ovr.conf\", and there is no such file, ")
        .hasMessageContaining(folder.resolve("ovr.conf").toString());
    assertThatThrownBy(() -> Hocon.parse("include \"ovr.conf\"", "table runs"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no such file");
    Files.writeString(main, "include classpath(\"x\")");
    assertThatThrownBy(() -> parse(main)).isInstanceOf(InputException.class);
    Files.writeString(main, "include \"other.conf\"");
    Files.writeString(folder.resolve("other.conf"), "include \"main.conf\"");
    assertThatThrownBy(() -> parse(main))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("which includes it");
    Files.writeString(folder.resolve("other.conf"), "a = [");
    assertThatThrownBy(() -> parse(main))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("other.conf: 1");
    assertThatThrownBy(() -> parse(folder.resolve("none.conf")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("There is no such configuration file");
  }
}
