package dev.assay.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged {@code tokenizer.json} do not end the process, though a library reads them that may.
 *
 * <p>They are read in another process: had it ended, the case would be known.
 */
class TokenizerFuzzTest {
  private static final int CASES = 400;
  private static final int NIGHTLY_CASES = 20_000;

  @TempDir Path temp;

  @Test
  void isReadOrRefused() throws Exception {
    run(CASES);
  }

  @Tag("nightly")
  @Test
  void isReadOrRefusedByTheThousand() throws Exception {
    run(NIGHTLY_CASES);
  }

  private void run(int cases) throws IOException, InterruptedException {
    Path at = temp.resolve("seed");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx256m");
    for (String key : List.of("fuzz.seed", "fuzz.cases", "fuzz.target")) {
      String value = System.getProperty(key);
      if (value != null) {
        command.add("-D" + key + "=" + value);
      }
    }
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(TokenizerChild.class.getName());
    command.add(Integer.toString(cases));
    command.add(at.toString());
    File output = temp.resolve("output").toFile();
    Process child =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output).start();
    int status = child.waitFor();
    String said = Files.readString(output.toPath(), StandardCharsets.UTF_8);
    System.out.print(said);
    long seed = Files.exists(at) ? ByteBuffer.wrap(Files.readAllBytes(at)).getLong() : -1;
    if (status != 0 && seed >= 0) {
      Target target = TokenizerTargets.tokenizer();
      Fuzz.keep(target, seed, target.file(seed));
    }
    assertThat(status)
        .as(
            "-Dfuzz.target=tokenizer -Dfuzz.seed=%d -Dfuzz.cases=1 ends the process:%n%s",
            seed, said)
        .isZero();
  }
}
