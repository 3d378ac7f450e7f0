package dev.assay.jobs.run;

import dev.assay.jobs.tables.RunStatus;
import dev.assay.jobs.tables.land.Committer;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;

/**
 * Steps with a row in {@code runs} before the first and after the last, however they end: also when
 * the JVM is told to stop, which lands what is complete.
 */
public final class RecordedRun {
  /** Below the file systems' own priority nothing can be written any more. */
  private static final int BEFORE_FILE_SYSTEMS_CLOSE = 70;

  private final Committer committer;
  private final RunRecord record;
  private final Heartbeat heart;
  private final PrintStream log;
  private boolean ended;
  private boolean stored;

  public RecordedRun(Committer committer, RunRecord record, Heartbeat heart, PrintStream log) {
    this.committer = committer;
    this.record = record;
    this.heart = heart;
    this.log = log;
  }

  /** What a run does between its first and its last row. */
  public interface Steps {
    /** Whether it came to its end rather than being stopped. */
    boolean run() throws IOException;
  }

  /** How rows are committed: once, or until they are stored. */
  private interface Commit {
    void run() throws IOException;
  }

  /**
   * Runs them.
   *
   * @return what {@code steps} returns
   */
  public boolean run(Steps steps) throws IOException {
    committer.append(List.of(record.start()));
    committer.commit();
    Runnable stop = this::stop;
    ShutdownHookManager.get().addShutdownHook(stop, BEFORE_FILE_SYSTEMS_CLOSE);
    RunStatus status = RunStatus.FAILED;
    try {
      boolean complete = steps.run();
      status = complete ? RunStatus.DONE : RunStatus.INTERRUPTED;
      return complete;
    } finally {
      // While the JVM shuts down the hook says how the run ended; it waits for one who is at it.
      if (!ShutdownHookManager.get().isShutdownInProgress()) {
        try {
          heart.finish();
          end(status, heart::settle);
        } finally {
          remove(stop);
        }
      }
    }
  }

  /** What is said here is the last word: tasks that Spark ends with the JVM are no news. */
  private void stop() {
    Configurator.setRootLevel(Level.OFF);
    if (!end(RunStatus.INTERRUPTED, committer::commit) && stored()) {
      log.println("Stopped. All that this run computed is stored; the same command reports it.");
    }
  }

  /** Whether the last rows have landed; where they have not, that was said. */
  private synchronized boolean stored() {
    return stored;
  }

  private static void remove(Runnable hook) {
    try {
      ShutdownHookManager.get().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM has begun to shut down, and the hook finds that the run has ended.
    }
  }

  /**
   * Lands the run's last row, once, and says how to go on where there is something left to do.
   *
   * @return false if it has ended before
   */
  private synchronized boolean end(RunStatus status, Commit commit) {
    if (ended) {
      return false;
    }
    ended = true;
    heart.end(() -> record.end(status, heart));
    try {
      commit.run();
      stored = true;
    } catch (IOException e) {
      log.printf(
          "Stopped, and the last results could not be stored (%s). What landed before stays; the"
              + " same command goes on from there.%n",
          e.getMessage());
      throw new UncheckedIOException(e);
    }
    if (status != RunStatus.DONE) {
      log.printf(
          Locale.ROOT,
          "Stopped. The %,d cells that this run computed are stored; the same command goes on from"
              + " there%s.%n",
          heart.done(),
          heart.failed() == 0
              ? ""
              : String.format(
                  Locale.ROOT, ", with retry=failed the %,d that failed too", heart.failed()));
    }
    return true;
  }
}
