package dev.assay.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Spark's own master and workers as processes on the loopback interface, each worker with one core.
 *
 * <p>A worker stands for a machine on which Spark was unpacked and nothing else: its Spark home
 * holds Spark's jars alone, its environment names Java and Spark alone, and its home and temporary
 * directories are its own and empty.
 */
final class StandaloneCluster implements AutoCloseable {
  private static final Pattern MASTER = Pattern.compile("Starting Spark master at (spark://\\S+)");
  private static final Pattern REGISTERED = Pattern.compile("Successfully registered with master");

  private final Path spark;
  private final Process master;
  private final String url;
  private final List<Worker> workers = new ArrayList<>();

  private StandaloneCluster(Path spark, Process master, String url) {
    this.spark = spark;
    this.master = master;
    this.url = url;
  }

  /** Starts a master and so many workers, and waits until all of them have found each other. */
  static StandaloneCluster start(Path folder, int workers)
      throws IOException, InterruptedException {
    Path target = Repository.ROOT.resolve("jobs/target/spark");
    Path spark = Files.createDirectories(folder.resolve("opt/spark"));
    Files.createSymbolicLink(spark.resolve("jars"), target.resolve("jars"));
    Files.copy(target.resolve("RELEASE"), spark.resolve("RELEASE"));
    Path home = Files.createDirectories(folder.resolve("master"));
    Process master =
        java(spark, home, "127.0.0.1", "org.apache.spark.deploy.master.Master", "--port", "0");
    StandaloneCluster cluster;
    try {
      cluster = new StandaloneCluster(spark, master, await(master, home, MASTER).group(1));
    } catch (IOException | InterruptedException | AssertionError e) {
      master.destroyForcibly();
      throw e;
    }
    try {
      for (int i = 0; i < workers; i++) {
        // Of the loopback network each has an address of its own: another machine to Spark.
        cluster.add(folder.resolve("worker-" + i), "127.0.0." + (i + 1));
      }
      for (Worker worker : cluster.workers) {
        await(worker.process, worker.folder, REGISTERED);
      }
    } catch (IOException | InterruptedException | AssertionError e) {
      cluster.close();
      throw e;
    }
    return cluster;
  }

  private void add(Path folder, String host) throws IOException {
    Files.createDirectories(folder);
    Process process =
        java(
            spark,
            folder,
            host,
            "org.apache.spark.deploy.worker.Worker",
            "--cores",
            "1",
            "--memory",
            "3g",
            "--work-dir",
            folder.resolve("work").toString(),
            url);
    workers.add(new Worker(process, folder));
  }

  private static Process java(
      Path spark, Path folder, String host, String main, String... arguments) throws IOException {
    Path home = Files.createDirectories(folder.resolve("home"));
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.addAll(List.of("-Xmx256m", "-cp", spark.resolve("jars") + "/*", main));
    command.addAll(List.of("--host", host, "--webui-port", "0"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile());
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put("HOME", home.toString());
    environment.put("TMPDIR", temporary.toString());
    // HOME alone would not do: Java asks the password file.
    environment.put("JAVA_TOOL_OPTIONS", "-Duser.home=" + home + " -Djava.io.tmpdir=" + temporary);
    environment.put("SPARK_HOME", spark.toString());
    environment.put("SPARK_SCALA_VERSION", "2.13");
    environment.put("SPARK_LOCAL_IP", host);
    environment.put("SPARK_LOCAL_DIRS", folder.resolve("local").toString());
    return builder.start();
  }

  private static Matcher await(Process process, Path folder, Pattern line)
      throws IOException, InterruptedException {
    Instant deadline = Instant.now().plus(Duration.ofMinutes(5));
    while (true) {
      String log = Files.readString(folder.resolve("log"), UTF_8);
      Matcher matcher = line.matcher(log);
      if (matcher.find()) {
        return matcher;
      }
      if (Instant.now().isAfter(deadline) || process.waitFor(50, TimeUnit.MILLISECONDS)) {
        throw new AssertionError("No '" + line + "' in " + folder + ": " + log);
      }
    }
  }

  /** What {@code --master} takes. */
  String url() {
    return url;
  }

  List<Worker> workers() {
    return List.copyOf(workers);
  }

  @Override
  public void close() {
    workers.forEach(Worker::kill);
    master.destroyForcibly();
  }

  /**
   * One of its workers.
   *
   * @param process the worker's; its children are drivers and executors
   * @param folder everything that it and its children write
   */
  record Worker(Process process, Path folder) {
    /** Ends it and its executors as a power cut does, and waits until they are gone. */
    void kill() {
      List<ProcessHandle> processes =
          Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
      processes.forEach(ProcessHandle::destroyForcibly);
      processes.forEach(handle -> handle.onExit().join());
    }

    /** Files that lie in its home directory, or under {@code java.io.tmpdir}. */
    List<Path> leftOutsideSpark() throws IOException {
      List<Path> found = new ArrayList<>();
      for (String place : List.of("home", "tmp")) {
        try (Stream<Path> paths = Files.walk(folder.resolve(place))) {
          paths.filter(Files::isRegularFile).forEach(found::add);
        }
      }
      return found;
    }

    /** The names of the jars that Spark has brought to its executors. */
    Collection<String> jars() {
      try (Stream<Path> paths = Files.walk(folder.resolve("work"))) {
        return paths
            .map(path -> path.getFileName().toString())
            .filter(name -> name.endsWith(".jar"))
            .distinct()
            .sorted()
            .toList();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
