package dev.assay.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.typesafe.config.ConfigFactory;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.jobs.sweep.SweepRun;
import dev.assay.plan.Plan;
import dev.assay.plan.StatisticsIds;
import dev.assay.plan.SweepSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Sweeps in this JVM, named {@code test}, of all-MiniLM-L6-v2 unless told otherwise. */
final class Sweeps {
  private Sweeps() {}

  /** {@code key=value} arguments for a sweep into {@code out}; later ones win. */
  static List<String> arguments(Path out, String... more) {
    List<String> arguments = new ArrayList<>();
    arguments.add("sweep=test");
    arguments.add("model=\"" + Repository.MINILM + "\"");
    arguments.add("out=\"" + out + "\"");
    arguments.addAll(List.of(more));
    return arguments;
  }

  static SweepSettings settings(Path out, String... more) {
    return SweepSettings.read(ConfigFactory.empty(), arguments(out, more));
  }

  /** Runs a sweep on two cores. */
  static SweepRun.Summary run(SweepSettings settings) {
    return run("local[2]", settings);
  }

  /** Runs a sweep on the application that runs, if it has this master, or else a fresh one. */
  static SweepRun.Summary run(String master, SweepSettings settings) {
    try {
      PrintStream quiet = new PrintStream(OutputStream.nullOutputStream(), false, UTF_8);
      return new SweepRun(LocalSpark.session(master), settings, quiet).run();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static SweepFiles files(Path out) {
    return new SweepFiles(out.resolve("test"));
  }

  /** The plan's cell ids by unit and label. */
  static Map<String, String> plannedIds(SweepSettings settings) throws IOException {
    Map<String, String> ids = new TreeMap<>();
    Checkpoint checkpoint = Checkpoints.identified(Path.of(settings.model()));
    Plan.of(settings, checkpoint.family(), checkpoint.matrices(), new StatisticsIds.None())
        .each()
        .forEach(cell -> ids.put(cell.unit().name() + " " + cell.recipe().label(), cell.id()));
    return ids;
  }

  /**
   * What a command line came to.
   *
   * @param status exit status
   * @param out standard output
   * @param err standard error
   */
  record Ended(int status, String out, String err) {}

  /** Runs a command as {@code submit.sh} does, in this JVM; its Spark has stopped afterwards. */
  static Ended command(String command, List<String> arguments) {
    LocalSpark.session(); // so that it, and what it says, is not the command's
    List<String> line = new ArrayList<>(List.of(command));
    line.addAll(arguments);
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(outBytes, true, UTF_8));
      System.setErr(new PrintStream(errBytes, true, UTF_8));
      int status = Main.run(line.toArray(String[]::new));
      return new Ended(status, outBytes.toString(UTF_8), errBytes.toString(UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }
}
