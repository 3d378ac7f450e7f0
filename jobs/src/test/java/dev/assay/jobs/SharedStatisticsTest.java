package dev.assay.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.jobs.sweep.SweepRun;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileUtil;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one sweep has calibrated serves the others of its output. */
class SharedStatisticsTest {
  @TempDir Path out;

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  /** What a sweep says on standard error. */
  private String run(String sweep, String... more) throws IOException {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    String[] arguments =
        Stream.concat(
                Stream.of(
                    "sweep=" + sweep,
                    "matrices=[\"encoder.layer.0.attention.*\"]",
                    "recipes=[{method=rtn,bits=3}]",
                    "calibration.use=always",
                    "calibration.task=paraphrase",
                    "calibration.sequences=8"),
                Stream.of(more))
            .toArray(String[]::new);
    new SweepRun(
            LocalSpark.session(),
            Sweeps.settings(out, arguments),
            new PrintStream(said, true, UTF_8))
        .run();
    return said.toString(UTF_8);
  }

  private Map<String, byte[]> statistics(String sweep) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    Path folder = out.resolve(sweep).resolve("statistics");
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
        if (file.toString().endsWith(".safetensors")) {
          files.put(folder.relativize(file).toString(), Files.readAllBytes(file));
        }
      }
    }
    return files;
  }

  @Test
  void equalOnesAreCopiedAndEverySweepKeepsItsOwn() throws IOException {
    assertThat(run("one")).contains("Calibrating 2 inputs");
    Map<String, byte[]> made = statistics("one");
    assertThat(run("two")).doesNotContain("Calibrating");
    assertThat(statistics("two")).containsExactlyInAnyOrderEntriesOf(made);
    assertThat(run("three", "calibration.sequences=9")).contains("Calibrating 2 inputs");

    // One that is cut short where it lies is not taken.
    Path cut = out.resolve("one/statistics").resolve(made.keySet().iterator().next());
    Files.write(cut, new byte[12]);
    FileUtil.fullyDelete(out.resolve("two").toFile());
    assertThat(run("two")).contains("Calibrating 1 inputs");
    assertThat(statistics("two")).containsExactlyInAnyOrderEntriesOf(made);

    FileUtil.fullyDelete(out.resolve("one").toFile());
    assertThat(run("two", "recipes=[{method=rtn,bits=[3,4]}]")).doesNotContain("Calibrating");
    assertThat(out.resolve("two/output_metrics")).isNotEmptyDirectory();
  }
}
