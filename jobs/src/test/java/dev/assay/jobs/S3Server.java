package dev.assay.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * S3Proxy, a server that speaks S3 and checks signatures, as a process on the loopback interface. A
 * folder under {@link #root} is a bucket, a file in it an object.
 */
final class S3Server implements AutoCloseable {
  /** What an S3 client reads its credentials from. */
  static final Map<String, String> CREDENTIALS =
      Map.of("AWS_ACCESS_KEY_ID", "assay", "AWS_SECRET_ACCESS_KEY", "a secret of forty letters");

  private static final Pattern STARTED =
      Pattern.compile("Started .*ServerConnector.*\\{127\\.0\\.0\\.1:(\\d+)}");

  /** What ends the name of a file that is still being received; it stays if the client dies. */
  private static final Pattern BEING_RECEIVED =
      Pattern.compile(".*-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private final Process process;
  private final Path root;
  private final int port;

  private S3Server(Process process, Path root, int port) {
    this.process = process;
    this.root = root;
    this.port = port;
  }

  static S3Server start(Path folder) throws IOException, InterruptedException {
    Path root = Files.createDirectories(folder.resolve("buckets"));
    Path properties =
        Files.writeString(
            folder.resolve("s3proxy.properties"),
            """
            s3proxy.endpoint=http://127.0.0.1:0
            s3proxy.authorization=aws-v4
            s3proxy.identity=%s
            s3proxy.credential=%s
            jclouds.provider=filesystem-nio2
            jclouds.filesystem.basedir=%s
            """
                .formatted(
                    CREDENTIALS.get("AWS_ACCESS_KEY_ID"),
                    CREDENTIALS.get("AWS_SECRET_ACCESS_KEY"),
                    root));
    Path jar;
    try (Stream<Path> jars = Files.list(Repository.ROOT.resolve("jobs/target/s3proxy"))) {
      jar = jars.findFirst().orElseThrow();
    }
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(
                JavaProcess.command(
                    List.of(
                        "-Xmx256m", "-jar", jar.toString(), "--properties", properties.toString())))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    while (true) {
      Matcher started = STARTED.matcher(Files.readString(log, UTF_8));
      if (started.find()) {
        return new S3Server(process, root, Integer.parseInt(started.group(1)));
      }
      if (process.waitFor(50, TimeUnit.MILLISECONDS)) {
        throw new AssertionError("S3Proxy ended: " + Files.readString(log, UTF_8));
      }
    }
  }

  /** Whose folders are the buckets. */
  Path root() {
    return root;
  }

  /** Names of the objects under a folder of a bucket, by their paths from there, sorted. */
  static List<String> objects(Path folder) throws IOException {
    return LiveFolder.files(folder).stream()
        .map(path -> folder.relativize(path).toString())
        .filter(name -> !BEING_RECEIVED.matcher(name).matches())
        .sorted()
        .toList();
  }

  String endpoint() {
    return "http://127.0.0.1:" + port;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
