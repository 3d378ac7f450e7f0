package dev.assay.jobs.tables.land;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.jobs.JavaProcess;
import dev.assay.jobs.tables.CellStatus;
import dev.assay.jobs.tables.Samples;
import dev.assay.jobs.tables.TestSpark;
import dev.assay.jobs.tables.read.Progress;
import dev.assay.jobs.tables.read.Views;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A driver killed with no chance to tidy up, at whatever point it has reached. */
class KilledCommitterTest {
  private static final int KILLS = 4;

  @TempDir private Path out;

  @Test
  void whatLandedIsWhole() throws IOException, InterruptedException {
    for (int kill = 0; kill < KILLS; kill++) {
      kill(kill);
    }
    SparkSession spark = TestSpark.session();
    Views.register(spark, out.toString());
    long cells = spark.table("cells").count();
    assertThat(cells).isPositive();
    assertThat(spark.table("results").count()).isEqualTo(2 * cells);
    Progress progress = Progress.read(spark, out.toString());
    assertThat(progress.cells()).hasSize((int) cells).doesNotContainValue(CellStatus.FAILED);
    assertThat(progress.factors())
        .hasSize((int) spark.table("spectrum").select("factors_id").distinct().count());
  }

  private void kill(int number) throws IOException, InterruptedException {
    Path log = out.resolve("log-" + number);
    Path progress = out.resolve("quick/cells/run=run-" + number);
    Process process = JavaProcess.start(Endless.class, log, out.toString(), "run-" + number);
    try {
      while (process.isAlive() && landed(progress) < 3) {
        process.waitFor(number + 1, TimeUnit.MILLISECONDS);
      }
      assertThat(process.isAlive()).as(() -> read(log)).isTrue();
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  /** Counts names alone: a file on its way is renamed while others look. */
  private static int landed(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    int count = 0;
    try (DirectoryStream<Path> names = Files.newDirectoryStream(folder, "*.parquet")) {
      for (Path name : names) {
        count++;
      }
    }
    return count;
  }

  private static String read(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Commits cells until it is killed. */
  static final class Endless {
    private Endless() {}

    public static void main(String[] args) throws IOException {
      try (Committer committer =
          Samples.committer(Path.of(args[0]), "quick", args[1], Clock.systemUTC())) {
        for (int i = 0; ; i++) {
          String id = args[1] + "." + i;
          committer.append(
              List.of(
                  Samples.doneCell(id),
                  Samples.metrics(id, "up", 0.1),
                  Samples.metrics(id, "down", 0.2)));
          committer.append(Samples.spectrum(id, 20));
          committer.commit();
        }
      }
    }
  }
}
