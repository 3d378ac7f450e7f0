package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.jobs.StandaloneCluster.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole sweeps (calibration, gradients, factors, compression, evaluation) through {@code submit.sh}
 * on a standalone cluster of two workers that hold Spark and nothing else.
 */
@Tag("slow")
class StandaloneIT {
  @TempDir static Path shared;

  private static String[] sweep;

  /** The same sweep in this JVM. */
  private static SweepFiles local;

  @TempDir Path temporary;

  @BeforeAll
  static void runHere() throws IOException {
    Path model =
        RandomClassifier.write(
            shared.resolve("model"), 2, "{\"0\": \"entailment\", \"1\": \"not_entailment\"}");
    sweep =
        new String[] {
          "model=\"" + model + "\"",
          "recipes=[{method=dense}, {method=rtn, bits=[2,4]}, {method=gptq, bits=3},"
              + " {method=svd-preserve, keep=8}, {method=fwsvd, rank=4}]",
          "task=rte",
          "data=\"" + TinyBert.rte(shared.resolve("rte"), 500) + "\"",
          "calibration.split=dev",
          "calibration.sequences=64",
          "factorizer-overrides=[{matrices=[\"*.0.*.query.*\"], factorizer=mllib}]",
          "predictions=true",
          "commit-interval=200ms"
        };
    assertThat(Sweeps.run(Sweeps.settings(shared.resolve("out"), sweep)).complete()).isTrue();
    local = Sweeps.files(shared.resolve("out"));
    LocalSpark.stop();
  }

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  @Test
  void workersWithNothingInstalledGiveTheRowsOfALocalRun() throws Exception {
    try (StandaloneCluster cluster = StandaloneCluster.start(temporary, 2)) {
      Sweeps.Ended ended = Submit.run(temporary.resolve("driver"), Map.of(), arguments(cluster));
      assertThat(ended.status()).as(ended.err()).isZero();
      SweepFiles files = Sweeps.files(temporary.resolve("out"));
      files.assertSameById(WholeSweep.TABLES, local);
      assertThat(
              files.query(
                  "SELECT unnest(map_keys(executors)), unnest(map_values(executors)) FROM ${runs}"
                      + " WHERE status = 'DONE' ORDER BY 1"))
          .satisfiesExactly(
              row -> assertThat(row.toString()).startsWith("[0, OpenBLAS 0.3.31"),
              row -> assertThat(row.toString()).startsWith("[1, OpenBLAS 0.3.31"));
      assertThat(files.column("SELECT DISTINCT executor FROM ${cells} ORDER BY 1"))
          .containsExactly("0", "1");
      for (Worker worker : cluster.workers()) {
        assertThat(worker.jars())
            .contains("assay.jar")
            .anyMatch(jar -> jar.startsWith("openblas-"))
            .anyMatch(jar -> jar.startsWith("pytorch-"));
        // No cache of JavaCPP's or DJL's: what was unpacked lay in Spark's directory and is gone.
        assertThat(worker.leftOutsideSpark()).isEmpty();
        for (int waited = 0; waited < 60 && !unpacked(worker).isEmpty(); waited++) {
          Thread.sleep(500); // the worker tidies up by itself
        }
        assertThat(unpacked(worker)).isEmpty();
      }
    }
  }

  @Test
  void theDriverMayRunOnAWorkerToo() throws Exception {
    try (StandaloneCluster cluster = StandaloneCluster.start(temporary, 2)) {
      List<String> line = new ArrayList<>(List.of("--deploy-mode", "cluster"));
      line.addAll(List.of("--conf", "spark.standalone.submit.waitAppCompletion=true"));
      line.addAll(List.of("--driver-memory", "1g", "--driver-cores", "1"));
      line.addAll(arguments(cluster));
      Sweeps.Ended ended = Submit.run(temporary.resolve("driver"), Map.of(), line);
      assertThat(ended.status()).as(ended.err()).isZero();
      Sweeps.files(temporary.resolve("out")).assertSameById(WholeSweep.TABLES, local);
    }
  }

  @Test
  void aWorkerThatDiesCostsNoRow() throws Exception {
    try (StandaloneCluster cluster = StandaloneCluster.start(temporary, 2)) {
      Path driver = temporary.resolve("driver");
      Process process = Submit.start(driver, Map.of(), arguments(cluster));
      SweepFiles files = Sweeps.files(temporary.resolve("out"));
      while (!Files.isDirectory(files.folder().resolve("cells"))) {
        assertThat(process.waitFor(20, TimeUnit.MILLISECONDS))
            .as("Ended early: %s", driver)
            .isFalse();
      }
      cluster.workers().get(0).kill();
      assertThat(process.isAlive()).isTrue();
      Sweeps.Ended ended = Submit.end(process, driver);
      assertThat(ended.status()).as(ended.err()).isZero();
      assertThat(ended.err()).contains("Lost executor");
      files.assertSameById(WholeSweep.TABLES, local);
      assertThat(files.count("${cells}")).isEqualTo(local.count("${cells}"));
    }
  }

  /** With Spark's exclusion the other worker does what needs a model. */
  @Test
  void aWorkerWithAFullDiskCostsNoRow() throws Exception {
    try (SmallDisk scratch = SmallDisk.mount(temporary.resolve("worker-0/local"));
        StandaloneCluster cluster = StandaloneCluster.start(temporary, 2)) {
      List<String> line = new ArrayList<>();
      line.addAll(List.of("--conf", "spark.excludeOnFailure.enabled=true"));
      line.addAll(arguments(cluster));
      Sweeps.Ended ended = Submit.run(temporary.resolve("driver"), Map.of(), line);
      assertThat(ended.status()).as(ended.err()).isZero();
      assertThat(ended.err()).contains("libtorch: Cannot unpack", "No space left on device");
      SweepFiles files = Sweeps.files(temporary.resolve("out"));
      files.assertSameById(WholeSweep.TABLES, local);
      assertThat(files.count("${cells}")).isEqualTo(local.count("${cells}"));
    }
  }

  /** Of tasks that take longer than others Spark starts a copy on another machine. */
  @Test
  void copiesOfSlowTasksLeaveNoRowTwice() throws Exception {
    Path events = Files.createDirectory(temporary.resolve("events"));
    try (StandaloneCluster cluster = StandaloneCluster.start(temporary, 2)) {
      List<String> line = new ArrayList<>();
      for (String setting :
          List.of(
              "spark.speculation=true",
              "spark.speculation.interval=20ms",
              "spark.speculation.minTaskRuntime=1ms",
              "spark.speculation.multiplier=1.0",
              "spark.speculation.quantile=0.1",
              "spark.eventLog.enabled=true",
              "spark.eventLog.compress=false",
              "spark.eventLog.dir=" + events.toUri())) {
        line.addAll(List.of("--conf", setting));
      }
      line.addAll(arguments(cluster));
      Sweeps.Ended ended = Submit.run(temporary.resolve("driver"), Map.of(), line);
      assertThat(ended.status()).as(ended.err()).isZero();
      assertThat(copies(events)).isPositive();
      SweepFiles files = Sweeps.files(temporary.resolve("out"));
      files.assertSameById(WholeSweep.TABLES, local);
      for (String table : WholeSweep.TABLES) {
        assertThat(files.count("${" + table + "}"))
            .as(table)
            .isEqualTo(local.count("${" + table + "}"));
      }
    }
  }

  private static long copies(Path events) throws IOException {
    long found = 0;
    try (Stream<Path> paths = Files.walk(events)) {
      for (Path file : paths.filter(Files::isRegularFile).toList()) {
        try (Stream<String> lines = Files.lines(file)) {
          found +=
              lines
                  .filter(line -> line.contains("SparkListenerTaskStart"))
                  .filter(line -> line.contains("\"Speculative\":true"))
                  .count();
        }
      }
    }
    return found;
  }

  /** Told that they are another platform, executors find no library of theirs in the jars. */
  @Test
  void executorsWithoutLibrariesSaySoAndComputeInJava() throws Exception {
    try (StandaloneCluster cluster = StandaloneCluster.start(temporary, 1)) {
      List<String> line = new ArrayList<>();
      line.addAll(
          List.of(
              "--conf",
              "spark.executor.extraJavaOptions=-Dorg.bytedeco.javacpp.platform=linux-sparc"));
      line.addAll(arguments(cluster));
      line.addAll(
          List.of("task=", "recipes=[{method=rtn, bits=[2,4]}]", "factorizer-overrides=[]"));
      Sweeps.Ended ended = Submit.run(temporary.resolve("driver"), Map.of(), line);
      assertThat(ended.status()).as(ended.err()).isZero();
      assertThat(ended.err())
          .containsPattern(
              "Executor 0 on .*: The bundled OpenBLAS could not be used .*linux-sparc.*:"
                  + " computing in Java");
      SweepFiles files = Sweeps.files(temporary.resolve("out"));
      assertThat(files.count("${cells} WHERE status = 'DONE'")).isEqualTo(2 * 18);
      assertThat(
              files.column(
                  "SELECT unnest(map_values(executors)) FROM ${runs} WHERE status = 'DONE'"))
          .singleElement()
          .asString()
          .startsWith("netlib Java");
    }
  }

  private List<String> arguments(StandaloneCluster cluster) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--master", cluster.url()));
    arguments.addAll(List.of("--executor-cores", "1", "--executor-memory", "1g"));
    arguments.add("sweep");
    arguments.addAll(Sweeps.arguments(temporary.resolve("out"), sweep));
    return arguments;
  }

  private static List<Path> unpacked(Worker worker) throws IOException {
    return LiveFolder.files(worker.folder()).stream()
        .filter(path -> path.toString().contains("/assay-natives-"))
        .toList();
  }
}
