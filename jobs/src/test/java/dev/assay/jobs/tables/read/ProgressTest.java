package dev.assay.jobs.tables.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.jobs.tables.CellStatus;
import dev.assay.jobs.tables.Samples;
import dev.assay.jobs.tables.TestSpark;
import dev.assay.jobs.tables.land.Committer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgressTest {
  private final SparkSession spark = TestSpark.session();

  @TempDir private Path out;

  @Test
  void anOutputThatIsNotThereHasNone() {
    assertThat(Progress.read(spark, out.resolve("none").toString())).isEqualTo(Progress.NONE);
  }

  @Test
  void newestStatusOfEachCell() throws IOException {
    try (Committer committer = Samples.committer(out, "quick", "run-1", Samples.ticking())) {
      committer.append(List.of(Samples.failedCell("retried"), Samples.failedCell("failed")));
      committer.commit();
      committer.append(
          List.of(
              Samples.doneCell("retried"),
              Samples.metrics("retried", "up", 0.1),
              Samples.metrics("retried", "down", 0.1)));
    }
    assertThat(Progress.read(spark, out.toString()).cells())
        .isEqualTo(
            Map.of(
                "retried", CellStatus.DONE,
                "failed", CellStatus.FAILED));
  }

  @Test
  void whatADeletedFileHeldIsToBeDoneAgain() throws IOException {
    Samples.land(
        out,
        "quick",
        "run-1",
        Samples.ticking(),
        Samples.doneCell("a"),
        Samples.metrics("a", "w", 0.1));
    Samples.land(
        out,
        "quick",
        "run-2",
        Samples.ticking(),
        Samples.doneCell("b"),
        Samples.metrics("b", "w", 0.1));
    Path metrics = out.resolve("quick/layer_metrics/run=run-1");
    Files.delete(metrics.resolve(Samples.files(metrics).get(0)));
    assertThat(Progress.read(spark, out.toString()).cells())
        .isEqualTo(Map.of("b", CellStatus.DONE));
  }

  @Test
  void factorsWhoseSpectrumHasNoGap() throws IOException {
    try (Committer committer = Samples.committer(out, "quick", "run-1", Samples.ticking())) {
      committer.append(Samples.spectrum("whole", 3));
      committer.append(Samples.spectrum("headless", 3).subList(1, 3));
      committer.append(List.of(Samples.singularValue("gap", 1), Samples.singularValue("gap", 3)));
      committer.commit();
      committer.append(Samples.spectrum("whole", 3));
    }
    assertThat(Progress.read(spark, out.toString()).factors()).containsExactly("whole");
  }

  @Test
  void trialsThatHaveMetrics() throws IOException {
    Samples.land(
        out,
        "quick",
        "run-1",
        Samples.ticking(),
        Samples.accuracy("measured"),
        Samples.spearman("measured"),
        Samples.prediction("predicted", 0));
    assertThat(Progress.read(spark, out.toString()).trials()).containsExactly("measured");
  }

  @Test
  void storedBytesOfACellAreThoseOfItsMatrices() throws IOException {
    for (String run : new String[] {"run-1", "run-2"}) {
      Samples.land(
          out,
          "quick",
          run,
          Samples.ticking(),
          Samples.metrics("a", "up", 0.1),
          Samples.metrics("a", "down", 0.2),
          Samples.metrics("b", "up", 0.3));
    }
    assertThat(Progress.storedBytes(spark, out.toString())).isEqualTo(Map.of("a", 68L, "b", 34L));
  }

  @Test
  void oneSweepOrAll() throws IOException {
    Samples.land(out, "one", "run-1", Samples.ticking(), Samples.failedCell("a"));
    Samples.land(out, "two", "run-2", Samples.ticking(), Samples.failedCell("b"));
    assertThat(Progress.read(spark, out.toString()).cells()).containsOnlyKeys("a", "b");
    assertThat(Progress.read(spark, out.resolve("two").toString()).cells()).containsOnlyKeys("b");
  }
}
