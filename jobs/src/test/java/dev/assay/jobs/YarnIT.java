package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole sweeps in YARN's containers, which hold nothing but what Spark brings; configuration,
 * model, task and results on HDFS.
 */
@Tag("slow")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class YarnIT {
  @TempDir private static Path shared;

  private static WholeSweep whole;
  private static SweepFiles local;
  private static YarnCluster cluster;

  @TempDir private Path temporary;

  @BeforeAll
  static void start() throws Exception {
    whole = WholeSweep.write(shared);
    Sweeps.run(Sweeps.settings(shared.resolve("out"), whole.keys()));
    local = Sweeps.files(shared.resolve("out"));
    LocalSpark.stop();
    cluster = YarnCluster.start(shared);
    for (Path from : List.of(whole.model(), whole.data())) {
      cluster.files().copyFromLocalFile(path(from.toUri().toString()), path("/"));
    }
  }

  @AfterAll
  static void stop() {
    LocalSpark.stop();
    if (cluster != null) {
      cluster.close();
    }
  }

  private List<String> line(String out, String mode) throws IOException {
    Path conf = temporary.resolve("my.conf");
    Files.write(conf, List.of(whole.keys("sweep=test", "model=\"/model\"", "data=\"/data\"")));
    return new ArrayList<>(
        List.of(
            "--master=yarn",
            "--deploy-mode",
            mode,
            "--driver-memory=1g",
            "--executor-memory=1g",
            "--executor-cores=1",
            "--num-executors=2",
            "--conf",
            "spark.executor.memoryOverhead=2g",
            "--conf",
            "spark.driver.memoryOverhead=2g",
            "sweep",
            conf.toString(),
            "out=" + out));
  }

  private SweepFiles fetched(String out) throws IOException {
    Path here = temporary.resolve("fetched");
    cluster.files().copyToLocalFile(path(out), path(here.toUri().toString()));
    return Sweeps.files(here);
  }

  private static org.apache.hadoop.fs.Path path(String path) {
    return new org.apache.hadoop.fs.Path(path);
  }

  @Test
  void containersGiveTheRowsOfALocalRun() throws Exception {
    Sweeps.Ended ended =
        Submit.run(temporary.resolve("client"), cluster.environment(), line("/a", "cluster"));
    assertThat(ended.status()).as(() -> ended.err() + cluster.logs()).isZero();
    SweepFiles files = fetched("/a");
    WholeSweep.assertSameOfCopy(files, local);
    assertThat(
            files.column("SELECT unnest(map_values(executors)) FROM ${runs} WHERE status = 'DONE'"))
        .isNotEmpty()
        .allSatisfy(backend -> assertThat(backend.toString()).startsWith("OpenBLAS 0.3.31"));
    FileSystem hdfs = cluster.files();
    assertThat(hdfs.listStatus(path(hdfs.getHomeDirectory() + "/.sparkStaging"))).isEmpty();
  }

  /** The driver is in a container; YARN starts another one, which goes on. */
  @Test
  void aDriverThatDiesIsStartedAgainAndGoesOn() throws Exception {
    SweepFiles files = killed("cluster", "org.apache.spark.deploy.yarn.ApplicationMaster").files();
    assertThat(files.column("SELECT status FROM ${runs} ORDER BY committed_at"))
        .containsExactly("STARTED", "STARTED", "DONE");
  }

  @Test
  void aContainerThatDiesCostsNoRow() throws Exception {
    Killed killed = killed("client", "org.apache.spark.executor.YarnCoarseGrainedExecutorBackend");
    assertThat(killed.ended().err()).contains("Lost executor");
    assertThat(killed.files().column("SELECT status FROM ${runs} ORDER BY committed_at"))
        .containsExactly("STARTED", "DONE");
  }

  /** A sweep that went on after one of its JVMs had been killed, its rows those of a local run. */
  private record Killed(Sweeps.Ended ended, SweepFiles files) {}

  /** Kills the JVM of a main class once cells have landed. */
  private Killed killed(String mode, String main) throws Exception {
    Path client = temporary.resolve("client");
    String out = "/killed-" + mode;
    Process process = Submit.start(client, cluster.environment(), line(out, mode));
    while (!cluster.files().exists(path(out + "/test/cells"))) {
      assertThat(process.waitFor(50, TimeUnit.MILLISECONDS)).as("Ended early").isFalse();
    }
    cluster.kill(main);
    Sweeps.Ended ended = Submit.end(process, client);
    assertThat(ended.status()).as(() -> ended.err() + cluster.logs()).isZero();
    SweepFiles files = fetched(out);
    WholeSweep.assertSameOfCopy(files, local);
    assertThat(files.count("${cells}")).isEqualTo(WholeSweep.CELLS);
    return new Killed(ended, files);
  }

  /** What the driver says in its container reaches whoever submitted, if not its status. */
  @Test
  void badInputIsShownToTheClient() throws Exception {
    List<String> line = line("/d", "cluster");
    line.add("model=/nowhere");
    Sweeps.Ended ended = Submit.run(temporary.resolve("client"), cluster.environment(), line);
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err()).containsPattern("assay: hdfs://\\S*/nowhere: No such file");
    assertThat(cluster.files().exists(path("/d"))).isFalse();
  }
}
