package dev.assay.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code submit.sh} as a process of its own, whose output lies in a folder. */
final class Submit {
  private Submit() {}

  /** Runs a command line to its end, which must come within ten minutes. */
  static Sweeps.Ended run(Path folder, Map<String, String> environment, List<String> arguments)
      throws IOException, InterruptedException {
    return end(start(folder, environment, arguments), folder);
  }

  /** Waits for what {@link #start} began. */
  static Sweeps.Ended end(Process process, Path folder) throws IOException, InterruptedException {
    if (!process.waitFor(10, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("No end of " + process.info() + ": " + read(folder, "err.txt"));
    }
    return new Sweeps.Ended(process.exitValue(), read(folder, "out.txt"), read(folder, "err.txt"));
  }

  /** Starts a command line; the process becomes the driver's, where that runs here. */
  static Process start(Path folder, Map<String, String> environment, List<String> arguments)
      throws IOException {
    Files.createDirectories(folder);
    List<String> command = new ArrayList<>();
    command.add(Repository.ROOT.resolve("submit.sh").toString());
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(folder.resolve("out.txt").toFile())
            .redirectError(folder.resolve("err.txt").toFile());
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.matches("SPARK_.*|(HADOOP|YARN)_CONF_DIR"));
    builder.environment().put("ASSAY_SKIP_BUILD", "1");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    builder.environment().put("SPARK_LOCAL_DIRS", folder.resolve("spark").toString());
    String temporary = System.getProperty("java.io.tmpdir");
    builder.environment().put("SPARK_SUBMIT_OPTS", "\"-Djava.io.tmpdir=" + temporary + "\"");
    builder.environment().putAll(environment);
    return builder.start();
  }

  static String read(Path folder, String name) throws IOException {
    return Files.readString(folder.resolve(name), UTF_8);
  }
}
