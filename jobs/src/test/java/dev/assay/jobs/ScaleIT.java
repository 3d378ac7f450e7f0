package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Large plans and large matrices in small heaps, through {@code submit.sh}. */
@Tag("slow")
class ScaleIT {
  private static final String MILLION =
      """
      sweep = million
      recipes = [
        { method = dense }
        { method = rtn, bits = [2, 3, 4, 5, 6, 8], clip = [absmax, "sigma(2.5)"]
          granularity = [tensor, row, "group(32)", "group(64)", "group(128)"] }
        { method = svd-preserve, keep = [1, 16, 64, 256, 1024, 4096], bits = [2, 3, 4]
          clip = [absmax, "sigma(2.5)"] }
        { method = magnitude-preserve, keep = [1, 16, 64, 256, 1024, 4096], bits = [2, 3, 4]
          clip = [absmax, "sigma(2.5)"] }
        { method = random-preserve, keep = [1, 16, 64, 256, 1024, 4096], bits = [2, 3, 4]
          clip = [absmax, "sigma(2.5)"], replicate = [0, 1, 2, 3, 4, 5] }
        { method = svd, rank = [1, 2, 4, 8, 16, 32, 64, 128] }
        { method = svd-residual, rank = [1, 2, 4, 8, 16, 32, 64, 128], bits = [2, 3, 4, 8] }
        { method = magnitude-prune, sparsity = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] }
      ]
      """;

  /** Executors' heaps, MiB. */
  private static final int HEAP = 1536;

  @TempDir Path temporary;

  @Test
  void aMillionCellsArePlannedInTwentySecondsAndOneGigabyte() throws Exception {
    Path model =
        LargeCheckpoint.llama(360, 512, 1408, 512, 32000).writeHoles(temporary.resolve("model"), 4);
    Path conf = Files.writeString(temporary.resolve("million.conf"), MILLION);
    Ended plan =
        submit("--driver-memory", "1g", "plan", conf.toString(), "model=" + model, "out=none");
    assertThat(plan.status()).as(plan.err()).isZero();
    assertThat(plan.out()).contains("cells      1,002,960 = 398 recipes x 2520 matrices");
    assertThat(plan.alone()).isLessThan(20);
    report("1,002,960 cells planned", plan);
  }

  @Test
  void seventyBillionWeightsArePlannedInSeconds() throws Exception {
    Path model = LargeCheckpointTest.llama70b().writeHoles(temporary.resolve("model"), 15);
    Ended plan =
        submit(
            "--driver-memory",
            "1g",
            "plan",
            conf("{method=rtn, bits=[3,4]}, {method=svd, rank=64}"),
            "model=" + model,
            "out=none");
    assertThat(plan.status()).as(plan.err()).isZero();
    assertThat(plan.out())
        .contains("560 of 562 matrices chosen, 68451.0 M weights, 127.5 GiB")
        .contains("cells      1,680 = 3 recipes x 560 matrices, in 160 tasks")
        .contains("memory     about 7424 MiB of heap for each task slot");
    assertThat(plan.alone()).isLessThan(20);
    report("Llama-2-70B planned", plan);
  }

  @Test
  void twoGibibytesAreSweptInExecutorsOfLess() throws Exception {
    LargeCheckpoint large = LargeCheckpoint.llama(5, 4096, 11008, 4096, 16384);
    assertThat(large.bytes()).isGreaterThan(2L << 30);
    Path model = large.writeRandom(temporary.resolve("model"), 4, 1);
    Ended sweep =
        submit(
            "--master",
            "local-cluster[2,1," + HEAP + "]",
            "--conf", // --executor-memory is not for local-cluster
            "spark.executor.memory=" + HEAP + "m",
            "--driver-memory",
            "1g",
            "sweep",
            conf(
                "{method=dense}, {method=rtn, bits=4}, {method=magnitude-prune, sparsity=0.5},"
                    + " {method=svd, rank=16}"),
            "factorizer=randomized",
            "model=" + model,
            "out=" + temporary.resolve("out"));
    assertThat(sweep.status()).as(sweep.err()).isZero();
    assertThat(sweep.out()).contains("140 cells planned: 140 computed");
    assertThat(new SweepFiles(temporary.resolve("out/scale")).count("${cells} WHERE attempts > 1"))
        .isZero();
    report("2.1 GiB swept", sweep);
    sweep
        .err()
        .lines()
        .filter(line -> line.contains("no order takes"))
        .forEach(System.out::println);
    // Beside the heap an executor holds code, stacks, network buffers and OpenBLAS's work space.
    // While the application ends, its master may start another one.
    assertThat(sweep.peaks().entrySet().stream().filter(peak -> peak.getKey().startsWith("exec")))
        .hasSizeGreaterThanOrEqualTo(2)
        .allSatisfy(peak -> assertThat(peak.getValue()).isLessThan(HEAP + 1024));
  }

  private String conf(String recipes) throws IOException {
    return Files.writeString(
            temporary.resolve("scale.conf"), "sweep = scale, recipes = [" + recipes + "]\n")
        .toString();
  }

  private static void report(String what, Ended ended) {
    System.out.printf(
        Locale.ROOT,
        "%s in %.1f s, %.1f s of the driver's processor; peak MiB %s%n",
        what,
        ended.wall(),
        ended.processor(),
        ended.peaks());
  }

  /**
   * How a process ended.
   *
   * @param wall seconds from start to end
   * @param processor seconds that the driver computed
   * @param peaks largest resident sizes, MiB, of the driver and its executors
   */
  private record Ended(
      int status, String out, String err, double wall, double processor, Map<String, Long> peaks) {
    /** What it takes on a machine of its own: this one may be shared, and the driver waits then. */
    double alone() {
      return Math.min(wall, processor);
    }
  }

  private Ended submit(String... arguments) throws Exception {
    long start = System.nanoTime();
    Process process = Submit.start(temporary, Map.of(), List.of(arguments));
    Map<String, Long> peaks = new HashMap<>();
    Duration used = Duration.ZERO;
    while (!process.waitFor(100, TimeUnit.MILLISECONDS)) {
      used = process.info().totalCpuDuration().orElse(used);
      peaks.put("driver", resident(process.toHandle()).orElse(peaks.getOrDefault("driver", 0L)));
      process
          .descendants()
          .filter(child -> child.info().arguments().map(ScaleIT::isExecutor).orElse(false))
          .forEach(
              child -> resident(child).ifPresent(mib -> peaks.put("executor " + child.pid(), mib)));
    }
    double wall = (System.nanoTime() - start) / 1e9;
    return new Ended(
        process.exitValue(),
        Submit.read(temporary, "out.txt"),
        Submit.read(temporary, "err.txt"),
        wall,
        used.toMillis() / 1e3,
        peaks);
  }

  private static boolean isExecutor(String[] arguments) {
    return List.of(arguments).contains("org.apache.spark.executor.CoarseGrainedExecutorBackend");
  }

  /** The kernel's own record of the most that a process has had in memory. */
  private static Optional<Long> resident(ProcessHandle process) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .map(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
          .findFirst();
    } catch (IOException | UncheckedIOException e) {
      return Optional.empty(); // It has just ended.
    }
  }
}
