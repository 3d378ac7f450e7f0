package dev.assay.jobs;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * JVMs beside this one, of its release; what they leave when they are killed lies where it does.
 */
public final class JavaProcess {
  private JavaProcess() {}

  /** A command line of {@code java}. */
  static List<String> command(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"));
    command.addAll(arguments);
    return command;
  }

  /** Starts a class of the tests in a small heap. */
  public static Process start(Class<?> main, Path log, String... arguments) throws IOException {
    // Such a process ends before the optimizing compiler pays.
    List<String> line = new ArrayList<>(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"));
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    line.addAll(List.of(arguments));
    return new ProcessBuilder(command(line))
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }
}
