package dev.assay.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.jobs.tables.PredictionRow;
import dev.assay.jobs.tables.land.Committer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeartbeatTest {
  private static final Duration INTERVAL = Duration.ofSeconds(5);

  @TempDir private Path out;

  private long nanos;

  /** Where the driver beats: it does so while it waits for tasks, every tenth of a second. */
  @Test
  void noRowWaitsLongerThanTheCommitInterval() throws IOException {
    try (Committer committer =
        Committer.open(new Configuration(), out.toString(), "test", "run-1", Clock.systemUTC())) {
      ProgressLine line =
          new ProgressLine(
              new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
              false,
              () -> nanos);
      Heartbeat heart = new Heartbeat(committer, line, INTERVAL, false, () -> nanos);
      List<Long> waiting = new ArrayList<>(); // when the rows came that have not landed
      int commits = 0;
      for (int i = 0; i < 600; i++, nanos += Duration.ofMillis(100).toNanos()) {
        if (i % 3 == 0) {
          committer.append(List.of(new PredictionRow("t", "l", "rte", "dev", i, List.of(1.0))));
          waiting.add(nanos);
        }
        assertThat(heart.beat()).isTrue();
        if (files() > commits) {
          commits++;
          waiting.clear();
        }
        assertThat(waiting).allMatch(came -> nanos - came <= INTERVAL.toNanos());
      }
      assertThat(commits).isEqualTo(11);
    }
  }

  private long files() throws IOException {
    try (Stream<Path> paths = Files.walk(out)) {
      return paths.filter(path -> path.getFileName().toString().startsWith("part-")).count();
    }
  }
}
