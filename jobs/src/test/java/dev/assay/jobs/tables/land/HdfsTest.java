package dev.assay.jobs.tables.land;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.InputException;
import dev.assay.jobs.tables.CellStatus;
import dev.assay.jobs.tables.Samples;
import dev.assay.jobs.tables.TestSpark;
import dev.assay.jobs.tables.read.Progress;
import dev.assay.jobs.tables.sql.Format;
import dev.assay.jobs.tables.sql.SqlCommand;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.PrivilegedExceptionAction;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.hdfs.protocol.HdfsConstants;
import org.apache.hadoop.security.UserGroupInformation;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables on a real HDFS of one data node. */
class HdfsTest {
  private static MiniDFSCluster cluster;
  private static Configuration conf;

  @BeforeAll
  static void start(@TempDir java.nio.file.Path folder) throws IOException {
    conf = new HdfsConfiguration();
    conf.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.toString());
    cluster = new MiniDFSCluster.Builder(conf).numDataNodes(1).build();
    cluster.waitActive();
  }

  @AfterAll
  static void stop() {
    cluster.shutdown();
  }

  @Test
  void tablesLandAndAreRead() throws IOException {
    String out = cluster.getURI() + "/assay/out";
    try (Committer committer = Committer.open(conf, out, "quick", "run-1", Samples.ticking())) {
      committer.append(
          List.of(Samples.startedRun(), Samples.doneCell("a"), Samples.metrics("a", "w", 0.1)));
      committer.commit();
      committer.append(Samples.spectrum("f", 3));
      committer.append(List.of(Samples.endedRun()));
    }

    assertThat(Progress.read(TestSpark.session(), out))
        .isEqualTo(
            new Progress(
                java.util.Map.of("a", CellStatus.DONE),
                java.util.Set.of("f"),
                java.util.Set.of(),
                java.util.Set.of()));
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    PrintStream print = new PrintStream(data, false, StandardCharsets.UTF_8);
    new SqlCommand(print, print)
        .run(
            TestSpark.session(),
            out,
            "SELECT status, (SELECT count(*) FROM results) AS n FROM runs",
            Format.CSV);
    assertThat(data.toString(StandardCharsets.UTF_8)).isEqualTo("status,n\r\nDONE,1\r\n");
    FileStatus[] files = cluster.getFileSystem().globStatus(new Path(out + "/quick/*/*/*"));
    assertThat(files).hasSize(5).allMatch(file -> file.getPath().getName().endsWith(".parquet"));
  }

  @Test
  void aFolderOfSomebodyElseIsOneError() throws IOException, InterruptedException {
    Path guarded = new Path("/guarded");
    cluster.getFileSystem().mkdirs(guarded, new FsPermission((short) 0755));
    String out = cluster.getURI() + "/guarded/out";
    UserGroupInformation.createUserForTesting("stranger", new String[] {"strangers"})
        .doAs(
            (PrivilegedExceptionAction<Void>)
                () -> {
                  assertThatThrownBy(() -> OutputFolder.check(conf, out))
                      .isInstanceOf(InputException.class)
                      .hasMessageStartingWith(out + ": cannot be written as an output folder")
                      .hasMessageContaining("Permission denied: user=stranger");
                  return null;
                });
  }

  @Test
  void aRegularFileInTheWayIsOneError() throws IOException {
    FileSystem files = cluster.getFileSystem();
    files.create(new Path("/file")).close();
    String out = cluster.getURI() + "/file/a/b";
    assertThatThrownBy(() -> OutputFolder.check(conf, out))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("lies under a regular file, " + cluster.getURI() + "/file");
  }

  @Test
  void aQuotaThatRunsOutLeavesWholeFilesOnly() throws IOException {
    Path folder = new Path("/small");
    cluster.getFileSystem().mkdirs(folder);
    Committer committer =
        Committer.open(conf, cluster.getURI() + "/small", "quick", "run-1", Samples.ticking());
    committer.append(List.of(Samples.doneCell("a"), Samples.metrics("a", "w", 0.1)));
    committer.commit();
    long used = cluster.getFileSystem().getContentSummary(folder).getFileAndDirectoryCount();
    cluster.getFileSystem().setQuota(folder, used, HdfsConstants.QUOTA_DONT_SET);
    committer.append(List.of(Samples.doneCell("b"), Samples.metrics("b", "w", 0.1)));
    assertThatThrownBy(committer::commit)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("quota");
    assertThat(Progress.read(TestSpark.session(), cluster.getURI() + "/small").cells())
        .containsOnlyKeys("a");

    cluster.getFileSystem().setQuota(folder, HdfsConstants.QUOTA_RESET, HdfsConstants.QUOTA_RESET);
    committer.close();
    assertThat(Progress.read(TestSpark.session(), cluster.getURI() + "/small").cells())
        .containsOnlyKeys("a", "b");
  }
}
