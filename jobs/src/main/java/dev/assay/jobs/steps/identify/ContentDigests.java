package dev.assay.jobs.steps.identify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.InputException;
import dev.assay.checkpoint.ByteSource;
import dev.assay.checkpoint.Extent;
import dev.assay.checkpoint.FileStamp;
import dev.assay.checkpoint.Folder;
import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.jobs.run.ProgressLine;
import dev.assay.jobs.run.Terminal;
import dev.assay.jobs.tables.land.OutputFolder;
import dev.assay.plan.Ids;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Digests of what files hold, made once for each file and remembered under an output, {@code
 * <out>/.digests/<hash of the file's path>.json}: there is a place that the driver may write to,
 * wherever it runs, and that whoever asks for the results sees too, while a model's own folder is
 * often for reading only and a home folder not there at all.
 *
 * <p>A digest is remembered for a path, a length and a {@link FileStamp}. It is believed as long as
 * the file has that stamp: an object store's entity tag and HDFS's checksum are of the contents;
 * number and time of change of a local file are the kernel's, so that contents can only change
 * behind them by writing to the disk itself or setting the clock back; of other stores it is the
 * time of modification. Digests are made of files that have kept their stamp for a step of its
 * clock, and kept it meanwhile.
 *
 * @param out the output
 */
record ContentDigests(String out, Configuration conf) {
  private static final Logger LOG = LoggerFactory.getLogger(ContentDigests.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NAME = ".digests";

  /** What is worth a task: less is read by one together with others of its file. */
  private static final long TASK_BYTES = 64L << 20;

  /** What is worth announcing. */
  private static final long SHOWN_BYTES = 1L << 30;

  /** A clock that is further ahead than this is not waited for. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(3);

  private static final long POLL_MILLIS = 100;

  /** What is remembered of a file, and the stamp that it has now. */
  private record Known(Optional<FileStamp> stamp, Map<Extent, String> digests) {}

  /**
   * The digests of extents, if all of them are remembered.
   *
   * @throws InputException if the output cannot be reached
   */
  Optional<Map<Extent, String>> known(Folder of, List<Extent> extents) throws IOException {
    if (!OutputFolder.exists(conf, out)) {
      return Optional.empty();
    }
    Map<Extent, String> digests = new HashMap<>();
    for (Map.Entry<String, List<Extent>> file : byFile(extents).entrySet()) {
      Known known = known(of, file.getKey());
      if (!known.digests().keySet().containsAll(file.getValue())) {
        return Optional.empty();
      }
      digests.putAll(known.digests());
    }
    return Optional.of(digests);
  }

  /**
   * The digests of extents; those that are not remembered are made by tasks, which read them once.
   *
   * @throws InputException if a file is changed meanwhile
   */
  Map<Extent, String> made(
      Folder of,
      List<Extent> extents,
      JavaSparkContext spark,
      Broadcast<SerializableConfiguration> hadoop,
      PrintStream log)
      throws IOException {
    Map<Extent, String> digests = new HashMap<>();
    Map<String, Optional<FileStamp>> stamps = new TreeMap<>();
    List<Extent> wanted = new ArrayList<>();
    for (Map.Entry<String, List<Extent>> file : byFile(extents).entrySet()) {
      Known known = known(of, file.getKey());
      digests.putAll(known.digests());
      if (!known.digests().keySet().containsAll(file.getValue())) {
        stamps.put(file.getKey(), known.stamp());
        wanted.addAll(file.getValue());
      }
    }
    if (wanted.isEmpty()) {
      return digests;
    }
    for (Optional<FileStamp> stamp : stamps.values()) {
      if (stamp.isPresent()) {
        settle(stamp.get());
      }
    }
    Map<Extent, String> made = digest(of.path(), wanted, spark, hadoop, log);
    Map<String, List<Extent>> byFile = byFile(wanted);
    for (Map.Entry<String, Optional<FileStamp>> file : stamps.entrySet()) {
      try (ByteSource source = of.open(file.getKey())) {
        if (!source.stamp().equals(file.getValue())) {
          throw new InputException(
              source.path(),
              "Was changed while it was read",
              "Run again when nobody writes to it.");
        }
        if (file.getValue().isPresent()) {
          remember(source, file.getValue().get(), byFile.get(file.getKey()), made);
        }
      }
    }
    digests.putAll(made);
    return digests;
  }

  private static Map<String, List<Extent>> byFile(List<Extent> extents) {
    return extents.stream()
        .collect(Collectors.groupingBy(Extent::file, TreeMap::new, Collectors.toList()));
  }

  /** Waits until whatever is written to the file gives it another stamp. */
  private static void settle(FileStamp stamp) throws IOException {
    Duration left = Duration.between(Instant.now(), stamp.settled());
    if (!left.isNegative() && left.compareTo(LONGEST_WAIT) < 0) {
      sleep(left.toMillis() + 1);
    }
  }

  private static void sleep(long millis) throws IOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while digests of the weights were made", e);
    }
  }

  private static Map<Extent, String> digest(
      String path,
      List<Extent> wanted,
      JavaSparkContext spark,
      Broadcast<SerializableConfiguration> hadoop,
      PrintStream log)
      throws IOException {
    long bytes = wanted.stream().mapToLong(Extent::bytes).sum();
    List<List<Extent>> tasks = tasks(wanted);
    // Shows nothing as long as no step has begun.
    ProgressLine line = new ProgressLine(log, Terminal.isThere(), System::nanoTime);
    if (bytes >= SHOWN_BYTES) {
      log.printf(
          Locale.ROOT,
          "Reading %.1f GiB of %s once, for the digests that ids are made of%n",
          bytes / (double) (1L << 30),
          path);
      line.begin("digest", tasks.size(), tasks.size());
    }
    spark.sc().setJobDescription("digests of " + path);
    JavaFutureAction<List<Map<Extent, String>>> reading =
        spark
            .parallelize(tasks, tasks.size())
            .map(extents -> digests(path, extents, hadoop))
            .collectAsync();
    spark.sc().setJobDescription(null);
    long done = 0;
    while (!reading.isDone()) {
      sleep(POLL_MILLIS);
      long now = Math.max(done, finished(reading, spark));
      line.advance(now - done, 0, now - done);
      done = now;
      line.tick();
    }
    line.finish();
    try {
      Map<Extent, String> digests = new HashMap<>();
      reading.get().forEach(digests::putAll);
      return digests;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while digests of the weights were made", e);
    } catch (ExecutionException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof InputException input) {
          throw input;
        }
      }
      throw new IOException("The digests of " + path + " could not be made", e.getCause());
    }
  }

  private static long finished(JavaFutureAction<?> job, JavaSparkContext spark) {
    long finished = 0;
    for (int id : job.jobIds()) {
      var info = spark.statusTracker().getJobInfo(id);
      if (info != null) {
        for (int stage : info.stageIds()) {
          var found = spark.statusTracker().getStageInfo(stage);
          finished += found == null ? 0 : found.numCompletedTasks();
        }
      }
    }
    return finished;
  }

  private static Map<Extent, String> digests(
      String path, List<Extent> extents, Broadcast<SerializableConfiguration> hadoop)
      throws IOException {
    Folder folder = HadoopFolder.open(path, hadoop.value().value());
    Map<Extent, String> digests = new HashMap<>();
    for (Extent extent : extents) {
      digests.put(extent, extent.sha256(folder));
    }
    return digests;
  }

  /** Neighbours together until they are worth a task. */
  private static List<List<Extent>> tasks(List<Extent> extents) {
    List<List<Extent>> tasks = new ArrayList<>();
    List<Extent> taken = new ArrayList<>();
    long bytes = 0;
    for (Extent extent : extents.stream().sorted().toList()) {
      if (bytes > 0 && bytes + extent.bytes() > TASK_BYTES) {
        tasks.add(List.copyOf(taken));
        taken.clear();
        bytes = 0;
      }
      taken.add(extent);
      bytes += extent.bytes();
    }
    tasks.add(List.copyOf(taken));
    return tasks;
  }

  // What follows reads and writes what is remembered. It is never needed: a file that is not there,
  // cut short, or of another version is made anew.

  private Known known(Folder of, String file) throws IOException {
    Optional<FileStamp> stamp;
    long length;
    Path memory;
    try (ByteSource source = of.open(file)) {
      stamp = source.stamp();
      length = source.length();
      memory = memory(source);
    }
    if (stamp.isEmpty()) {
      return new Known(stamp, Map.of());
    }
    Map<Extent, String> digests = new HashMap<>();
    try (InputStream in = files().open(memory)) {
      JsonNode read = JSON.readTree(in);
      if (read.path("length").asLong(-1) == length
          && read.path("stamp").asText().equals(stamp.get().text())) {
        for (JsonNode one : read.path("extents")) {
          digests.put(
              new Extent(file, one.path("position").asLong(), one.path("bytes").asLong()),
              one.path("sha256").asText());
        }
      }
    } catch (FileNotFoundException | ParentNotDirectoryException e) {
      return new Known(stamp, Map.of());
    } catch (JsonProcessingException e) {
      LOG.warn("{} is damaged, digests are made anew: {}", memory, e.getOriginalMessage());
      return new Known(stamp, Map.of());
    }
    return new Known(stamp, digests);
  }

  private void remember(
      ByteSource source, FileStamp stamp, List<Extent> extents, Map<Extent, String> digests)
      throws IOException {
    if (stamp.settled().isAfter(Instant.now())) {
      return;
    }
    ObjectNode root = JSON.createObjectNode();
    root.put("file", source.path());
    root.put("length", source.length());
    root.put("stamp", stamp.text());
    for (Extent extent : extents) {
      root.withArrayProperty("extents")
          .addObject()
          .put("position", extent.position())
          .put("bytes", extent.bytes())
          .put("sha256", digests.get(extent));
    }
    Path memory = memory(source);
    try (OutputStream out = files().create(memory, true)) {
      out.write(JSON.writeValueAsBytes(root));
    } catch (IOException e) {
      LOG.warn("{} cannot be written, digests will be made again: {}", memory, e.toString());
    }
  }

  private Path memory(ByteSource source) {
    String name = Ids.of(Map.of("file", source.path())).substring(0, 32) + ".json";
    return new Path(new Path(out, NAME), name);
  }

  private FileSystem files() throws IOException {
    FileSystem files = new Path(out).getFileSystem(conf);
    return files instanceof LocalFileSystem local ? local.getRawFileSystem() : files;
  }
}
