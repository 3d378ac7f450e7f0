package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.jobs.sweep.SweepRun.Summary;
import java.io.IOException;
import java.security.PrivilegedExceptionAction;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Model, data and results on a real HDFS of three data nodes, two replicas of each block. */
@Tag("slow")
class HdfsFailureTest {
  @TempDir private static java.nio.file.Path folder;

  private static MiniDFSCluster cluster;
  private static FileSystem hdfs;
  private static WholeSweep local;

  @BeforeAll
  static void start() throws IOException {
    Configuration conf = new HdfsConfiguration();
    conf.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("hdfs").toString());
    conf.setInt("dfs.replication", 2);
    cluster = new MiniDFSCluster.Builder(conf).numDataNodes(3).build();
    cluster.waitActive();
    hdfs = cluster.getFileSystem();
    local = WholeSweep.write(folder.resolve("local"));
    for (java.nio.file.Path from : List.of(local.model(), local.data())) {
      hdfs.copyFromLocalFile(new Path(from.toUri()), new Path("/"));
    }
    hdfs.mkdirs(new Path("/mine"), new FsPermission((short) 0777));
    hdfs.setPermission(new Path("/mine"), new FsPermission((short) 0777));
  }

  @AfterAll
  static void stop() {
    LocalSpark.stop();
    cluster.shutdown();
  }

  private static List<String> arguments(String out) {
    String[] keys = local.keys("model=\"" + at("/model") + "\"", "data=\"" + at("/data") + "\"");
    List<String> arguments = Sweeps.arguments(folder, keys);
    arguments.add("out=\"" + at(out) + "\"");
    return arguments;
  }

  private static String at(String path) {
    return hdfs.getUri() + path;
  }

  private static SweepFiles fetched(String out) throws IOException {
    java.nio.file.Path here = folder.resolve("fetched" + out.replace('/', '-'));
    hdfs.copyToLocalFile(new Path(out), new Path(here.toUri()));
    return Sweeps.files(here);
  }

  /**
   * Of the nodes with the model's first block, the one that is nearest ends with the first cells.
   */
  @Test
  void aDataNodeIsStoppedInTheMiddle() throws Exception {
    Sweeps.Ended first = Sweeps.command("sweep", arguments("/mine/undisturbed"));
    assertThat(first.status()).as(first.err()).isZero();

    CompletableFuture<String> stopped = new CompletableFuture<>();
    LocalSpark.session()
        .sparkContext()
        .addSparkListener(
            new SparkListener() {
              @Override
              public void onJobStart(SparkListenerJobStart job) {
                String description = job.properties().getProperty("spark.job.description", "");
                if (description.startsWith("compress") && !stopped.isDone()) {
                  stopped.complete(stopNode(new Path("/model/model.safetensors")));
                }
              }
            });
    Summary summary = Sweeps.run(settings("/mine/disturbed"));
    assertThat(stopped.get(1, TimeUnit.SECONDS)).contains(":");
    assertThat(summary.done()).isEqualTo(WholeSweep.CELLS);
    assertThat(summary.allFailed()).isZero();
    SweepFiles disturbed = fetched("/mine/disturbed");
    WholeSweep.assertSame(disturbed, fetched("/mine/undisturbed"));
    assertThat(disturbed.count("${cells}")).isEqualTo(WholeSweep.CELLS);
  }

  private static dev.assay.plan.SweepSettings settings(String out) {
    return dev.assay.plan.SweepSettings.read(
        com.typesafe.config.ConfigFactory.empty(), arguments(out));
  }

  private static String stopNode(Path file) {
    try {
      String node = hdfs.getFileBlockLocations(file, 0, 1)[0].getNames()[0];
      cluster.stopDataNode(node);
      return node;
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Test
  void anOutputOfAnotherUserIsRefusedBeforeAnyWork() throws Exception {
    hdfs.mkdirs(new Path("/owned/test"), new FsPermission((short) 0755));
    // The output may be written, the sweep's folder in it is somebody's.
    hdfs.mkdirs(new Path("/shared/test"), new FsPermission((short) 0755));
    hdfs.setPermission(new Path("/shared"), new FsPermission((short) 0777));
    for (String out : List.of("/owned", "/shared", "/owned/new")) {
      long before = hdfs.getContentSummary(new Path("/")).getFileAndDirectoryCount();
      Sweeps.Ended refused =
          UserGroupInformation.createUserForTesting("stranger", new String[] {"strangers"})
              .doAs(
                  (PrivilegedExceptionAction<Sweeps.Ended>)
                      () -> Sweeps.command("sweep", arguments(out)));
      assertThat(refused.status()).as(refused.err()).isEqualTo(Main.BAD_INPUT);
      assertThat(refused.err().lines())
          .singleElement()
          .asString()
          .startsWith("assay: " + at(out))
          .contains("cannot be written", "Permission denied: user=stranger", "out=");
      assertThat(refused.out()).isEmpty();
      assertThat(hdfs.getContentSummary(new Path("/")).getFileAndDirectoryCount())
          .isEqualTo(before);
    }
  }
}
