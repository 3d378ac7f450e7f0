package dev.assay.jobs;

import dev.assay.InputException;
import dev.assay.jobs.cluster.LocalDirectories;
import dev.assay.jobs.cluster.UnreachableException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.SparkConf;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;

/**
 * The application that {@code submit.sh} hands to Spark.
 *
 * <p>Exit status: 0 all done; 2 bad input; 3 finished with failed cells; 1 anything else.
 */
@Command(
    name = "submit.sh",
    customSynopsis = "./submit.sh [spark-submit options] COMMAND [CONF] [key=value ...]",
    description = "Measures what compression costs a transformer.",
    versionProvider = Main.Version.class,
    subcommands = {
      SweepCommand.class,
      PlanCommand.class,
      QueryCommand.class,
      CompactCommand.class,
      ExportCommand.class,
      FinetuneCommand.class,
      MethodsCommand.class,
      HelpCommand.class
    })
public final class Main {
  /** All done. */
  static final int OK = 0;

  /** Anything that is not bad input. */
  static final int FAILURE = 1;

  /** Bad input. */
  static final int BAD_INPUT = 2;

  /** Finished, with failed cells. */
  static final int FAILED_CELLS = 3;

  private static final Set<String> WITH_SPARK =
      Set.of("sweep", "plan", "sql", "compact", "export", "finetune");

  private Main() {}

  /** Runs a command and ends the JVM with its status. */
  public static void main(String[] args) {
    System.setOut(utf8(FileDescriptor.out));
    System.setErr(utf8(FileDescriptor.err));
    Thread.setDefaultUncaughtExceptionHandler(Main::died);
    List<String> said = new ArrayList<>();
    int status = run(said::add, args);
    System.out.flush();
    if (status == OK) {
      return; // in YARN's application master even exit(0) counts as a failure
    }
    if (insideApplicationMaster()) {
      throw new Failed(status, said);
    }
    System.exit(status);
  }

  /** Whether this JVM is YARN's, which passes on an exception's message and no status. */
  private static boolean insideApplicationMaster() {
    return System.getProperty("spark.master", "").startsWith("yarn")
        && System.getProperty("spark.submit.deployMode", "").equals("cluster");
  }

  /** What YARN shows to whoever submitted. */
  private static final class Failed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Failed(int status, List<String> said) {
      super(
          status == FAILED_CELLS
              ? "assay: Finished, and some cells failed: ./submit.sh sql OUT"
                  + " file=notebooks-export/what-failed.sql names them"
              : String.join("\n", said),
          null,
          false,
          false);
    }
  }

  /** Runs a command and returns its status. */
  static int run(String... args) {
    return run(message -> {}, args);
  }

  /**
   * Runs a command and returns its status.
   *
   * @param said takes what is said of a failure
   */
  private static int run(Consumer<String> said, String... args) {
    List<String> given = new ArrayList<>(List.of(args));
    if (given.isEmpty()) {
      given.add("help");
    }
    CommandLine line =
        new CommandLine(new Main())
            .setExecutionExceptionHandler((e, command, parsed) -> report(e, said))
            .setParameterExceptionHandler(
                (e, rest) -> {
                  say(e.getMessage(), said);
                  e.getCommandLine().usage(System.err);
                  return BAD_INPUT;
                });
    try {
      if (WITH_SPARK.contains(given.get(0))) {
        LocalDirectories.check(new SparkConf());
      }
      return line.execute(given.toArray(String[]::new));
    } catch (InputException e) {
      return report(e, said);
    } catch (OutOfMemoryError e) {
      return report(e, said);
    }
  }

  private static void say(String message, Consumer<String> said) {
    System.err.println("assay: " + message);
    said.accept("assay: " + message);
  }

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      BuildInfo build = BuildInfo.read();
      return new String[] {"Assay " + build.version() + " (" + build.commit() + ")"};
    }
  }

  /** A thread of Spark's that ends in silence would leave the others waiting for it. */
  private static void died(Thread thread, Throwable e) {
    System.err.println("Exception in thread \"" + thread.getName() + "\" " + e);
    if (e instanceof OutOfMemoryError memory) {
      System.exit(report(memory, message -> {}));
    }
    e.printStackTrace(System.err);
  }

  private static int report(OutOfMemoryError e, Consumer<String> said) {
    say(
        "The driver ran out of memory ("
            + e.getMessage()
            + "). Give it more by --driver-memory; what has landed stays, and the same command goes"
            + " on from there.",
        said);
    return FAILURE;
  }

  private static int report(Exception e, Consumer<String> said) {
    if (ShutdownHookManager.get().isShutdownInProgress()) {
      return FAILURE; // somebody ended this JVM, and Spark with it
    }
    if (e instanceof InputException || e instanceof UnreachableException) {
      say(e.getMessage(), said);
      return BAD_INPUT;
    }
    say(e.toString(), said);
    e.printStackTrace(System.err);
    return FAILURE;
  }

  private static PrintStream utf8(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }
}
