package dev.assay.jobs.tables.sql;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.GarbageCollectionNotificationInfo;
import dev.assay.jobs.tables.CellRow;
import dev.assay.jobs.tables.Samples;
import dev.assay.jobs.tables.TableRow;
import dev.assay.jobs.tables.TestSpark;
import dev.assay.jobs.tables.compact.Compactor;
import dev.assay.jobs.tables.land.Committer;
import dev.assay.jobs.tables.read.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A million results, landed by hundreds of commits, asked before and after compaction. Prints how
 * long everything took: {@code ./mvnw -Pslow test -pl lib,jobs -Dtest=MillionRowsTest
 * -Dsurefire.failIfNoSpecifiedTests=false}.
 */
@Tag("slow")
class MillionRowsTest {
  private static final int COMMITS = 500;
  private static final int CELLS_A_COMMIT = 2_000;
  private static final int CELLS = COMMITS * CELLS_A_COMMIT;
  private static final int RECIPES = 500;
  private static final CellRow.Outcome DONE = Samples.done(1, 0.25, "node-1", "driver");

  /** What nobody would call seconds any more, on a machine that does other things too. */
  private static final Duration TOO_LONG = Duration.ofMinutes(2);

  private static final Map<String, String> QUESTIONS =
      Map.of(
          "how many",
          "SELECT count(*) FROM results",
          "every recipe",
          "SELECT label, round(effective_bits, 1) AS bits, count(*) AS matrices,"
              + " avg(relative_error) AS error FROM results GROUP BY 1, 2 ORDER BY bits, error",
          "worst matrices",
          "SELECT matrix, label, relative_error FROM results ORDER BY relative_error DESC LIMIT 20",
          "what failed",
          "SELECT error_class, error_message, count(*) FROM cells WHERE status = 'FAILED'"
              + " GROUP BY ALL");

  @TempDir private Path out;
  private final SparkSession spark = TestSpark.session();
  private final AtomicLong heap = new AtomicLong();

  @Test
  void aMillionResultsAreAskedInSeconds() throws IOException {
    watchHeap();
    timed("land " + COMMITS + " commits", this::land);
    ask();
    timed("compact", this::compact);
    assertThat(Samples.files(out)).hasSizeLessThan(20);
    ask();
  }

  private void ask() {
    QUESTIONS.forEach(
        (name, sql) -> assertThat(timed(name, () -> answer(sql))).as(name).isLessThan(TOO_LONG));
    assertThat(answer(QUESTIONS.get("how many"))).contains(Integer.toString(CELLS));
    timed("resume", () -> assertThat(Progress.read(spark, out.toString()).cells()).hasSize(CELLS));
  }

  private String answer(String sql) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new SqlCommand(print(bytes), print(new ByteArrayOutputStream()))
        .run(spark, out.toString(), sql, Format.CSV);
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private void land() {
    Random random = new Random(7);
    try (Committer committer = Samples.committer(out, "million", "run-1", Clock.systemUTC())) {
      for (int commit = 0; commit < COMMITS; commit++) {
        List<TableRow> rows = new ArrayList<>();
        for (int i = 0; i < CELLS_A_COMMIT; i++) {
          byte[] id = new byte[32];
          random.nextBytes(id);
          String cell = HexFormat.of().formatHex(id);
          int recipe = i % RECIPES;
          String matrix = "encoder.layer." + (i / RECIPES + 4 * commit) + ".weight";
          rows.add(Samples.cell(cell, matrix, "svd-preserve(keep=" + recipe + ")", DONE));
          rows.add(Samples.metrics(cell, matrix, 1.0 / (1 + random.nextInt(1_000_000))));
        }
        committer.append(rows);
        committer.commit();
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void compact() {
    PrintStream quiet = print(new ByteArrayOutputStream());
    try {
      new Compactor(
              spark,
              new Compactor.Request(
                  out.toString(), Optional.empty(), Duration.ZERO, Duration.ofHours(24)),
              quiet,
              quiet)
          .run();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Duration timed(String what, Runnable work) {
    System.gc();
    heap.set(0);
    long start = System.nanoTime();
    work.run();
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    System.gc();
    String figure =
        String.format(
            Locale.ROOT,
            "%-18s %7.2f s, %5d MiB of heap after collections at most, %4d files",
            what,
            took.toMillis() / 1e3,
            heap.get() >> 20,
            files());
    System.out.println(figure);
    return took;
  }

  private int files() {
    try {
      return Files.exists(out.resolve("million")) ? Samples.files(out).size() : 0;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The largest heap in use after a collection. */
  private void watchHeap() {
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      ((NotificationEmitter) collector)
          .addNotificationListener(
              (notification, nothing) -> {
                if (notification.getUserData() instanceof CompositeData data) {
                  long used =
                      GarbageCollectionNotificationInfo.from(data)
                          .getGcInfo()
                          .getMemoryUsageAfterGc()
                          .entrySet()
                          .stream()
                          .filter(pool -> pool.getKey().startsWith("G1"))
                          .map(Map.Entry::getValue)
                          .mapToLong(MemoryUsage::getUsed)
                          .sum();
                  heap.accumulateAndGet(used, Math::max);
                }
              },
              null,
              null);
    }
  }

  private static PrintStream print(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }
}
