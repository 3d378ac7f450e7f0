package dev.assay.jobs;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.hdfs.client.HdfsClientConfigKeys;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.MiniYARNCluster;

/**
 * A resource manager and two node managers on an HDFS. The services run in this JVM, containers are
 * processes of their own, with the environment and the working directory that YARN gives them.
 */
final class YarnCluster implements AutoCloseable {
  private static final int NODES = 2;

  private final MiniDFSCluster hdfs;
  private final MiniYARNCluster yarn;
  private final Path folder;

  private YarnCluster(MiniDFSCluster hdfs, MiniYARNCluster yarn, Path folder) {
    this.hdfs = hdfs;
    this.yarn = yarn;
    this.folder = folder;
  }

  /** Starts both, and writes the configuration that clients need. */
  static YarnCluster start(Path folder) throws Exception {
    Configuration storage = new HdfsConfiguration();
    storage.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("hdfs").toString());
    // A file's end is asked for before the data node, busy as this JVM is, has told of its block.
    storage.setInt(HdfsClientConfigKeys.BlockWrite.LOCATEFOLLOWINGBLOCK_INITIAL_DELAY_MS_KEY, 10);
    MiniDFSCluster hdfs = new MiniDFSCluster.Builder(storage).numDataNodes(1).build();
    YarnConfiguration conf = new YarnConfiguration(hdfs.getConfiguration(0));
    conf.set(FileSystem.FS_DEFAULT_NAME_KEY, hdfs.getURI().toString());
    conf.set(YarnConfiguration.NM_ADMIN_USER_ENV, "JAVA_HOME=" + System.getProperty("java.home"));
    conf.setFloat(YarnConfiguration.NM_MAX_PER_DISK_UTILIZATION_PERCENTAGE, 100);
    conf.setInt(YarnConfiguration.YARN_MINICLUSTER_NM_PMEM_MB, 8 << 10);
    conf.setInt(YarnConfiguration.RM_SCHEDULER_MINIMUM_ALLOCATION_MB, 256);
    // Of the one queue's memory one application master, the driver, may have all.
    conf.setFloat("yarn.scheduler.capacity.maximum-am-resource-percent", 1);
    conf.set("yarn.scheduler.capacity.root.queues", "default");
    conf.setInt("yarn.scheduler.capacity.root.default.capacity", 100);
    MiniYARNCluster yarn = new MiniYARNCluster("assay", NODES, 1, 1);
    try {
      yarn.init(conf);
      yarn.start();
      if (!yarn.waitForNodeManagersToConnect(60_000)) {
        throw new AssertionError("The node managers do not find the resource manager");
      }
      Configuration settings = new Configuration(yarn.getConfig());
      // A class of the mini cluster's, which the containers do not have.
      settings.unset("net.topology.node.switch.mapping.impl");
      Path client = Files.createDirectories(folder.resolve("hadoop"));
      for (String name : List.of("core-site.xml", "yarn-site.xml")) {
        try (OutputStream file = Files.newOutputStream(client.resolve(name))) {
          settings.writeXml(file);
        }
      }
      return new YarnCluster(hdfs, yarn, folder);
    } catch (Exception | AssertionError e) {
      yarn.stop();
      hdfs.shutdown();
      throw e;
    }
  }

  /** What a client's environment must name. */
  Map<String, String> environment() {
    return Map.of("HADOOP_CONF_DIR", folder.resolve("hadoop").toString());
  }

  FileSystem files() throws IOException {
    return hdfs.getFileSystem();
  }

  /** Ends a JVM of a container as a power cut does, once there is one whose main class is so. */
  void kill(String main) throws InterruptedException {
    Instant deadline = Instant.now().plus(Duration.ofMinutes(2));
    while (Instant.now().isBefore(deadline)) {
      try (Stream<ProcessHandle> processes = ProcessHandle.current().descendants()) {
        List<ProcessHandle> found =
            processes
                .filter(process -> process.info().command().orElse("").endsWith("/java"))
                .filter(process -> process.info().commandLine().orElse("").contains(main))
                .toList();
        if (!found.isEmpty()) {
          found.get(0).destroyForcibly();
          return;
        }
      }
      Thread.sleep(20);
    }
    throw new AssertionError("No container runs " + main);
  }

  /** What containers have written to standard error and output. */
  String logs() {
    StringBuilder text = new StringBuilder();
    try {
      for (Path log : LiveFolder.files(yarn.getTestWorkDir().toPath())) {
        if (log.getFileName().toString().matches("stderr|stdout")) {
          text.append("==== ").append(log).append('\n').append(Files.readString(log));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  @Override
  public void close() {
    try {
      yarn.stop();
    } finally {
      hdfs.shutdown();
      // Spark and the libraries in it, once a node and application: 4 GB.
      FileUtil.fullyDelete(yarn.getTestWorkDir());
    }
  }
}
