package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.assay.jobs.Fault.At;
import dev.assay.jobs.Fault.What;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Drivers, in JVMs of their own, that end before their sweep does. */
@Tag("slow")
class DriverFailureTest {
  private static final int POWER_LOSS = 137;
  private static final String SITE = "layer.1.mlp";
  private static final String STATISTICS = "statistics/.*layer.1.mlp.input";
  private static final Pattern SUMMARY =
      Pattern.compile(
          WholeSweep.CELLS + " cells planned: (\\d+) computed, (\\d+) there before, (\\d+) failed");

  @TempDir private static Path shared;

  private static WholeSweep whole;
  private static SweepFiles undisturbed;

  @TempDir private Path temporary;

  private Path marks;
  private List<String> arguments;

  @BeforeAll
  static void runUndisturbed() throws IOException {
    whole = WholeSweep.write(shared);
    Sweeps.run(Sweeps.settings(shared.resolve("out"), whole.keys()));
    undisturbed = Sweeps.files(shared.resolve("out"));
  }

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  @BeforeEach
  void prepare() throws IOException {
    marks = Files.createDirectory(temporary.resolve("marks"));
    arguments = Sweeps.arguments(temporary.resolve("out"), whole.keys());
  }

  private DriverProcess driver(Fault... faults) {
    return new DriverProcess(temporary).with(marks, List.of(faults));
  }

  private SweepFiles files() {
    return Sweeps.files(temporary.resolve("out"));
  }

  /** Computed, there before, failed. */
  private static List<Integer> counts(Sweeps.Ended ended) {
    Matcher found = SUMMARY.matcher(ended.out());
    assertThat(found.find()).as(ended.out() + ended.err()).isTrue();
    return Stream.of(1, 2, 3).map(group -> Integer.valueOf(found.group(group))).toList();
  }

  /**
   * One sweep, started again and again by the same command. Each run gets a little further before
   * its machine goes down, the last one to the end; every cell is computed once.
   */
  @Test
  void aDriverIsKilledAtEveryPlaceThatMatters() throws Exception {
    String part = "/part-";
    List<Fault> halts =
        List.of(
            // A task's scratch, half of a step: nothing has landed.
            halt("calibrating", At.CREATE, "scratch/", "^calibrate"),
            // Written and not yet published, after two commits.
            halt("unpublished", At.RENAME, "/layer_metrics/.*" + part, "").nth(3),
            // Metrics are published, the cells they belong to are not.
            halt("between", At.RENAMED, "/layer_metrics/.*" + part, "").nth(2),
            // Both are.
            halt("published", At.RENAMED, "/cells/.*" + part, ""),
            // An empty file under a hidden name.
            halt("begun", At.CREATE, "/cells/.*part-", ""),
            halt("artifact", At.RENAME, "artifacts/", "^evaluate"),
            // Answers are published, what they were measured to be is not.
            halt("measured", At.RENAME, "/model_metrics/.*" + part, ""));
    List<Long> landed = new ArrayList<>();
    for (int i = 0; i < halts.size(); i++) {
      Sweeps.Ended killed =
          driver(halts.subList(0, i + 1).toArray(Fault[]::new)).run("sweep", arguments);
      assertThat(killed.status()).as(halts.get(i) + killed.err()).isEqualTo(POWER_LOSS);
      assertThat(marks.resolve(halts.get(i).name())).exists();
      WholeSweep.assertPart(files(), undisturbed);
      landed.add(landed());
    }
    assertThat(landed).isSorted();
    assertThat(landed.get(0)).isZero();
    // Of three commits two had landed, of two one, then one and none; then all were there.
    assertThat(landed.get(1)).isPositive();
    assertThat(landed.get(2)).isGreaterThan(landed.get(1));
    assertThat(landed.get(3)).isGreaterThan(landed.get(2));
    assertThat(landed.get(5)).isEqualTo(WholeSweep.CELLS);

    Sweeps.Ended last = driver().run("sweep", arguments);
    assertThat(last.status()).as(last.err()).isZero();
    assertThat(counts(last)).containsExactly(0, WholeSweep.CELLS, 0);
    WholeSweep.assertSame(files(), undisturbed);
    assertThat(files().count("${cells}")).isEqualTo(WholeSweep.CELLS);
    assertThat(files().query("SELECT status, count(*) FROM ${runs} GROUP BY 1 ORDER BY 1"))
        .containsExactly(List.of("DONE", 1L), List.of("STARTED", halts.size() + 1L));
    // Nothing reads what the killed ones left, but it is there.
    assertThat(files().paths()).filteredOn(path -> path.toString().endsWith(".tmp")).isNotEmpty();
  }

  private static Fault halt(String name, At at, String path, String job) {
    return Fault.of(name, What.HALT, at, path, job);
  }

  /** A task waits for what does not come: the driver is told to stop meanwhile. */
  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143"})
  void aDriverThatIsToldToStopSaysHowToGoOn(String signal, int status) throws Exception {
    assumeFalse(
        signal.equals("INT") && ignoresInterrupts(),
        "Started in the background, where a shell has its children ignore Control-C");
    DriverProcess driver =
        driver(Fault.of("hold", What.WAIT, At.OPEN, STATISTICS, "^compress").after("never"));
    Process process = driver.start("sweep", arguments);
    int others = WholeSweep.CELLS - 2 * WholeSweep.RECIPES;
    while (process.isAlive() && landed() < others) {
      Thread.sleep(200);
    }
    // As Control-C does; Java has no way to say INT.
    assertThat(
            new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                .start()
                .waitFor())
        .isZero();
    Sweeps.Ended stopped = driver.end(process);
    assertThat(stopped.status()).as(stopped.err()).isEqualTo(status);
    assertThat(landed()).isEqualTo(others);
    WholeSweep.assertPart(files(), undisturbed);
    assertThat(stopped.err())
        .contains(
            "Stopped. The " + others + " cells that this run computed are stored",
            "the same command goes on from there");
    assertThat(files().column("SELECT status FROM ${runs} ORDER BY committed_at"))
        .containsExactly("STARTED", "INTERRUPTED");

    Sweeps.Ended rest = driver().run("sweep", arguments);
    assertThat(rest.status()).as(rest.err()).isZero();
    assertThat(counts(rest)).containsExactly(WholeSweep.CELLS - others, others, 0);
    WholeSweep.assertSame(files(), undisturbed);
  }

  /** What this JVM ignores its children ignore. */
  private static boolean ignoresInterrupts() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("SigIgn:"))
        .anyMatch(line -> (Long.parseUnsignedLong(line.substring(8).strip(), 16) & 2) != 0);
  }

  /** Rows of cells; 0 where a file was renamed while it was looked at. */
  private long landed() {
    try {
      return Files.isDirectory(temporary.resolve("out/test/cells")) && files().holds("cells")
          ? files().count("${cells}")
          : 0;
    } catch (UncheckedIOException e) {
      return 0;
    }
  }

  /** With a local master the driver's heap is the tasks'. */
  @Test
  void aLocalTaskThatAlwaysRunsOutOfMemoryFailsAlone() throws Exception {
    Sweeps.Ended ended =
        driver(Fault.of("oom", What.EXHAUST_ALWAYS, At.OPEN, STATISTICS, "^compress"))
            .run("sweep", arguments);
    assertThat(ended.status()).as(ended.err()).isEqualTo(Main.FAILED_CELLS);
    int lost = 2 * WholeSweep.RECIPES;
    assertThat(counts(ended)).containsExactly(WholeSweep.CELLS - lost, 0, lost);
    assertThat(ended.out()).contains("OutOfMemory", "--driver-memory");
    assertThat(
            files()
                .query(
                    "SELECT DISTINCT error_class, attempts FROM ${cells} WHERE status = 'FAILED'"))
        .containsExactly(List.of("OutOfMemory", 2));
    assertThat(files().column("SELECT DISTINCT site FROM ${cells} WHERE status = 'FAILED'"))
        .singleElement()
        .asString()
        .contains(SITE);

    List<String> again = new ArrayList<>(arguments);
    again.add("retry=failed");
    Sweeps.Ended rest = driver().run("sweep", again);
    assertThat(rest.status()).as(rest.err()).isZero();
    assertThat(counts(rest)).containsExactly(lost, WholeSweep.CELLS - lost, 0);
    assertThat(files().byId("layer_metrics")).isEqualTo(undisturbed.byId("layer_metrics"));
    assertThat(files().byId("model_metrics")).isEqualTo(undisturbed.byId("model_metrics"));
  }

  /** What cannot be stored waits for the next commit. */
  @Test
  void aFullOutputIsWaitedFor() throws Exception {
    Sweeps.Ended passed =
        driver(
                Fault.of("metrics", What.FULL, At.CREATE, "/layer_metrics/", "").nth(2),
                Fault.of("cells", What.FULL, At.RENAME, "/cells/", "").nth(2))
            .run("sweep", arguments);
    assertThat(passed.status()).as(passed.err()).isZero();
    assertThat(passed.err())
        .contains("Results could not be stored and wait for the next commit", "No space left");
    assertThat(counts(passed)).containsExactly(WholeSweep.CELLS, 0, 0);
    WholeSweep.assertSame(files(), undisturbed);
    assertThat(files().count("${cells}")).isEqualTo(WholeSweep.CELLS);
  }

  @Test
  void anOutputThatStaysFullEndsTheRun() throws Exception {
    Sweeps.Ended full =
        driver(Fault.of("cells", What.FULL_ALWAYS, At.CREATE, "/cells/", "").nth(3))
            .run("sweep", arguments);
    assertThat(full.status()).as(full.err()).isEqualTo(Main.FAILURE);
    assertThat(full.err())
        .contains(
            "Stopped, and the last results could not be stored (No space left on device). What"
                + " landed before stays; the same command goes on from there.")
        .doesNotContain("All that this run computed is stored");
    long landed = files().count("${cells}");
    assertThat(landed).isPositive().isLessThan(WholeSweep.CELLS);
    WholeSweep.assertPart(files(), undisturbed);

    Sweeps.Ended rest = driver().run("sweep", arguments);
    assertThat(rest.status()).as(rest.err()).isZero();
    assertThat(counts(rest)).containsExactly((int) (WholeSweep.CELLS - landed), (int) landed, 0);
    WholeSweep.assertSame(files(), undisturbed);
  }
}
