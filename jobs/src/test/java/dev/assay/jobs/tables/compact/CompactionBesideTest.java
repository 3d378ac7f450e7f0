package dev.assay.jobs.tables.compact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.jobs.tables.CellStatus;
import dev.assay.jobs.tables.Samples;
import dev.assay.jobs.tables.Table;
import dev.assay.jobs.tables.TestSpark;
import dev.assay.jobs.tables.land.Committer;
import dev.assay.jobs.tables.land.LandedRows;
import dev.assay.jobs.tables.read.Progress;
import dev.assay.jobs.tables.read.Reading;
import dev.assay.jobs.tables.sql.Format;
import dev.assay.jobs.tables.sql.SqlCommand;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that land rows, compactions that leave readers no time, and readers, all at once. */
@Tag("slow")
class CompactionBesideTest {
  private static final int ROUNDS = 3;

  /** Fewer than the times that a reader asks again. */
  private static final int COMPACTIONS_A_ROUND = Reading.TRIES - 2;

  @TempDir private Path out;

  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicInteger landed = new AtomicInteger();
  private final Semaphore compactions = new Semaphore(0);

  @Test
  void noReaderMissesARowAndNoRowIsLost() throws Exception {
    SparkSession spark = TestSpark.session();
    ExecutorService threads = Executors.newFixedThreadPool(3);
    Future<?> first = threads.submit(() -> commit("run-1"));
    Future<?> second = threads.submit(() -> commit("run-2"));
    Future<Integer> compactor = threads.submit(() -> compactOnDemand(spark));
    try {
      while (landed.get() < 10) {
        Thread.sleep(1);
      }
      for (int round = 0; round < ROUNDS; round++) {
        compactions.release(COMPACTIONS_A_ROUND);
        int before = landed.get();
        assertCells(spark, before);
        assertThat(Progress.read(spark, out.toString()).cells())
            .hasSizeGreaterThanOrEqualTo(before)
            .doesNotContainValue(CellStatus.FAILED);
        while (compactions.availablePermits() > 0) {
          Thread.sleep(1);
        }
      }
    } finally {
      over.set(true);
      compactions.release();
    }
    first.get();
    second.get();
    assertThat(compactor.get()).isGreaterThanOrEqualTo(ROUNDS * COMPACTIONS_A_ROUND);
    threads.shutdown();

    compact(spark);
    LandedRows rows = new LandedRows(out.resolve("quick"));
    assertThat(rows.all(Table.CELLS)).hasSize(landed.get());
    assertThat(rows.all(Table.LAYER_METRICS)).hasSize(2 * landed.get());
    assertThat(Samples.files(out).stream().filter(file -> file.contains("/cells/"))).hasSize(1);
    assertCells(spark, landed.get());
  }

  /** All that had landed by then, each with its two matrices. */
  private void assertCells(SparkSession spark, int before) {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    new SqlCommand(print(answer), print(new ByteArrayOutputStream()))
        .run(
            spark,
            out.toString(),
            "SELECT count(*) - 2 * count(DISTINCT cell_id), count(DISTINCT cell_id) FROM results",
            Format.CSV);
    String[] values = answer.toString(StandardCharsets.UTF_8).lines().toList().get(1).split(",");
    assertThat(values[0]).isEqualTo("0");
    assertThat(Integer.parseInt(values[1])).isGreaterThanOrEqualTo(before);
  }

  private Void commit(String run) throws Exception {
    try (Committer committer = Samples.committer(out, "quick", run, Clock.systemUTC())) {
      for (int i = 0; !over.get(); i++) {
        String id = run + "." + i;
        committer.append(
            List.of(
                Samples.metrics(id, "up", 0.1),
                Samples.metrics(id, "down", 0.2),
                Samples.doneCell(id)));
        committer.commit();
        landed.incrementAndGet();
        Thread.sleep(50);
      }
    }
    return null;
  }

  private int compactOnDemand(SparkSession spark) throws Exception {
    int count = 0;
    for (compactions.acquire(); !over.get(); compactions.acquire()) {
      compact(spark);
      count++;
    }
    return count;
  }

  private void compact(SparkSession spark) throws Exception {
    PrintStream quiet = print(new ByteArrayOutputStream());
    assertThat(
            new Compactor(
                    spark,
                    new Compactor.Request(
                        out.toString(), Optional.empty(), Duration.ZERO, Duration.ofHours(24)),
                    quiet,
                    quiet)
                .run())
        .isTrue();
  }

  private static PrintStream print(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }
}
