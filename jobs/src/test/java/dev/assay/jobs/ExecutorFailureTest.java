package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.jobs.Fault.At;
import dev.assay.jobs.Fault.What;
import dev.assay.jobs.sweep.SweepRun.Summary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two executors, JVMs of their own, to which things happen while a sweep runs. */
@Tag("slow")
class ExecutorFailureTest {
  private static final String MASTER = "local-cluster[2,1,512]";
  private static final String SITE = "layer.1.mlp";
  private static final String STATISTICS = "statistics/.*layer.1.mlp.input";

  @TempDir private static Path shared;

  private static WholeSweep whole;
  private static SweepFiles undisturbed;

  @TempDir private Path temporary;

  private Path marks;

  @BeforeAll
  static void runUndisturbed() throws IOException {
    whole = WholeSweep.write(shared);
    Sweeps.run(MASTER, Sweeps.settings(shared.resolve("out"), whole.keys()));
    undisturbed = Sweeps.files(shared.resolve("out"));
  }

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  @BeforeEach
  void makeMarks() throws IOException {
    marks = Files.createDirectory(temporary.resolve("marks"));
  }

  private Summary run(List<Fault> faults, String... more) {
    Configuration conf = LocalSpark.session(MASTER).sparkContext().hadoopConfiguration();
    FaultyFileSystem.settings(marks, faults).forEach(conf::set);
    try {
      return Sweeps.run(MASTER, Sweeps.settings(temporary.resolve("out"), whole.keys(more)));
    } finally {
      FaultyFileSystem.settings(marks, List.of()).keySet().forEach(conf::unset);
    }
  }

  private SweepFiles files() {
    return Sweeps.files(temporary.resolve("out"));
  }

  private void assertUndisturbed(Summary summary) {
    assertThat(summary.complete()).isTrue();
    assertThat(summary.done()).isEqualTo(WholeSweep.CELLS);
    assertThat(summary.allFailed()).isZero();
    WholeSweep.assertSame(files(), undisturbed);
    assertThat(files().count("${cells}")).isEqualTo(WholeSweep.CELLS);
    assertThat(files().column("SELECT status FROM ${runs} ORDER BY committed_at"))
        .containsExactly("STARTED", "DONE");
    assertThat(temporary.resolve("out/test/scratch")).doesNotExist();
  }

  /** Six executors are lost, one in every step. */
  @Test
  void anExecutorIsHaltedInEveryStep() {
    List<Fault> halts =
        List.of(
            halt("calibrate", At.CREATE, "scratch/.*inputs-1-0", "^calibrate layers"),
            halt("sum", At.RENAME, STATISTICS, "^calibrate: sum"),
            halt("differentiate", At.CREATE, "scratch/", "^gradients of layers"),
            halt("factorize", At.RENAME, "factors/", "^factorize"),
            halt("compress", At.OPEN, STATISTICS, "^compress"),
            halt("evaluate", At.RENAME, "artifacts/", "^evaluate"));
    Summary summary = run(halts);
    assertThat(halts).allSatisfy(halt -> assertThat(marks.resolve(halt.name())).exists());
    assertUndisturbed(summary);
  }

  private static Fault halt(String name, At at, String path, String job) {
    return Fault.of(name, What.HALT, at, path, job);
  }

  /** The driver is about to publish cells, and goes on when one of two executors is no more. */
  @Test
  void anExecutorIsHaltedDuringTheCommit() {
    Summary summary =
        run(
            List.of(
                Fault.of("commit", What.WAIT, At.RENAME, "/cells/.*part-", "").after("halt"),
                Fault.of("hold", What.WAIT, At.OPEN, STATISTICS, "^compress").after("commit"),
                Fault.of("halt", What.HALT, At.OPEN, STATISTICS, "^compress").after("commit")));
    assertThat(Stream.of("commit", "hold", "halt").map(marks::resolve)).allMatch(Files::exists);
    assertUndisturbed(summary);
  }

  /** Spark ends the executor, and a fresh one does the task. */
  @Test
  void aTaskRunsOutOfMemoryOnce() {
    Summary summary = run(List.of(Fault.of("oom", What.EXHAUST, At.OPEN, STATISTICS, "^compress")));
    assertThat(marks.resolve("oom")).exists();
    assertUndisturbed(summary);
    assertThat(files().column("SELECT DISTINCT site FROM ${cells} WHERE attempts > 1"))
        .singleElement()
        .asString()
        .contains(SITE);
  }

  @Test
  void whatFailsForAMomentIsTriedAgain() {
    Summary summary =
        run(
            List.of(
                Fault.of("read", What.FULL, At.OPEN, STATISTICS, "^compress"),
                Fault.of("factors", What.FULL, At.CREATE, "factors/", "^factorize"),
                Fault.of("artifacts", What.FULL, At.CREATE, "artifacts/", "^evaluate"),
                Fault.of("sums", What.FULL, At.CREATE, "statistics/", "^calibrate: sum")));
    assertThat(Stream.of("read", "factors", "artifacts", "sums").map(marks::resolve))
        .allMatch(Files::exists);
    assertUndisturbed(summary);
    assertThat(files().query("SELECT attempts, count(DISTINCT site) FROM ${cells} GROUP BY 1"))
        .containsExactlyInAnyOrder(List.of(1, 5L), List.of(2, 1L));
  }

  /**
   * One site never fits: it fails, the others are whole, and with memory it is as if nothing was.
   */
  @Test
  void aTaskThatAlwaysRunsOutOfMemoryFailsAlone() {
    Summary summary =
        run(List.of(Fault.of("oom", What.EXHAUST_ALWAYS, At.OPEN, STATISTICS, "^compress")));
    int lost = 2 * WholeSweep.RECIPES;
    assertThat(summary.complete()).isTrue();
    assertThat(summary.failed()).isEqualTo(lost);
    assertThat(summary.done()).isEqualTo(WholeSweep.CELLS - lost);
    assertThat(
            files()
                .query(
                    "SELECT DISTINCT error_class, attempts FROM ${cells} WHERE status = 'FAILED'"))
        .containsExactly(List.of("OutOfMemory", 8));
    assertThat(
            files().column("SELECT DISTINCT error_message FROM ${cells} WHERE status = 'FAILED'"))
        .singleElement()
        .asString()
        .contains("Spark gave up after 8 attempts", "--executor-memory", "retry=failed");
    assertThat(files().column("SELECT DISTINCT site FROM ${cells} WHERE status = 'FAILED'"))
        .singleElement()
        .asString()
        .contains(SITE);

    Summary again = run(List.of(), "retry=failed");
    assertThat(again.done()).isEqualTo(lost);
    assertThat(again.allFailed()).isZero();
    assertThat(files().count("${cells} WHERE status = 'DONE'")).isEqualTo(WholeSweep.CELLS);
    files()
        .assertSameById(
            List.of("layer_metrics", "output_metrics", "spectrum", "model_metrics"), undisturbed);
  }
}
