package dev.assay.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.jobs.tables.PredictionRow;
import dev.assay.jobs.tables.Samples;
import dev.assay.jobs.tables.Table;
import dev.assay.jobs.tables.land.Committer;
import dev.assay.jobs.tables.land.LandedRows;
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
    try (Committer committer = committer()) {
      Heartbeat heart = heart(committer);
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

  /** A task may end while the JVM shuts down: what the last row counts is what has landed. */
  @Test
  void whatComesAfterTheLastRowIsNeitherTakenNorCounted() throws IOException {
    try (Committer committer = committer()) {
      Heartbeat heart = heart(committer);
      heart.cells(List.of(Samples.doneCell("a"), Samples.failedCell("b")), List.of(), 1);
      heart.end(Samples::endedRun);
      heart.cells(List.of(Samples.doneCell("c")), List.of(), 1);
      committer.commit();
      assertThat(heart.done()).isOne();
      assertThat(heart.failed()).isOne();
      assertThat(new LandedRows(out.resolve("test")).all(Table.CELLS)).hasSize(2);
    }
  }

  private Committer committer() {
    return Committer.open(new Configuration(), out.toString(), "test", "run-1", Clock.systemUTC());
  }

  private Heartbeat heart(Committer committer) {
    ProgressLine line =
        new ProgressLine(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
            false,
            () -> nanos);
    return new Heartbeat(committer, line, INTERVAL, false, () -> nanos);
  }

  private long files() throws IOException {
    try (Stream<Path> paths = Files.walk(out)) {
      return paths.filter(path -> path.getFileName().toString().startsWith("part-")).count();
    }
  }
}
