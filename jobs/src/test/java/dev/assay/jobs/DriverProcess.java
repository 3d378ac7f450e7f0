package dev.assay.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Commands in JVMs of their own, which can be killed: what {@code submit.sh} starts, without its
 * packaging and with the tests' classes.
 *
 * @param folder where output and Spark's scratch lie
 * @param options of the JVM
 */
record DriverProcess(Path folder, List<String> options) {
  DriverProcess(Path folder) {
    this(folder, List.of());
  }

  /** The same with more options of the JVM, {@code -Dspark.…} among them. */
  DriverProcess with(String... more) {
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of(more));
    return new DriverProcess(folder, all);
  }

  /** The same where things go wrong. */
  DriverProcess with(Path marks, List<Fault> faults) {
    return with(
        FaultyFileSystem.settings(marks, faults).entrySet().stream()
            .map(entry -> "-Dspark.hadoop." + entry.getKey() + "=" + entry.getValue())
            .toArray(String[]::new));
  }

  /** Runs a command on two cores to its end. */
  Sweeps.Ended run(String command, List<String> arguments) throws Exception {
    return end(start(command, arguments));
  }

  Process start(String command, List<String> arguments) throws IOException {
    List<String> line = new ArrayList<>();
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.matches("(--add-|-XX:\\+Ignore|-Djdk|-Dio).*"))
        .forEach(line::add);
    // These processes end before the optimizing compiler pays.
    line.addAll(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1"));
    line.add("-Dlog4j2.configurationFile=" + Repository.ROOT.resolve("conf/log4j2.properties"));
    line.add("-Dspark.app.name=driver");
    line.add("-Dspark.master=local[2]");
    line.add("-Dspark.plugins=dev.assay.jobs.cluster.NativePlugin");
    line.add("-Dspark.ui.enabled=false");
    line.add("-Dspark.sql.shuffle.partitions=2");
    line.add("-Dspark.local.dir=" + folder.resolve("spark"));
    line.add("-Dspark.sql.warehouse.dir=" + folder.resolve("warehouse"));
    line.addAll(options);
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    line.add(command);
    line.addAll(arguments);
    Files.createDirectories(folder.resolve("spark"));
    return new ProcessBuilder(JavaProcess.command(line))
        .directory(folder.toFile())
        .redirectOutput(folder.resolve("out.txt").toFile())
        .redirectError(folder.resolve("err.txt").toFile())
        .start();
  }

  /** Waits for the end of a process that was started here. */
  Sweeps.Ended end(Process process) throws Exception {
    if (!process.waitFor(10, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("No end: " + read("err.txt"));
    }
    return new Sweeps.Ended(process.exitValue(), read("out.txt"), read("err.txt"));
  }

  private String read(String name) throws IOException {
    return Files.readString(folder.resolve(name), UTF_8);
  }
}
