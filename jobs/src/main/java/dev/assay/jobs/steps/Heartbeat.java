package dev.assay.jobs.steps;

import dev.assay.jobs.tables.Committer;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** Commits at the sweep's interval, shows progress, and stops at the first failure if asked to. */
final class Heartbeat implements SweepContext.Pulse {
  private final Committer committer;
  private final ProgressLine line;
  private final long commitNanos;
  private final boolean failFast;
  private final Map<String, String> executors = new TreeMap<>();

  private long lastCommit = System.nanoTime();
  private long done;
  private long failed;
  private boolean cells;

  Heartbeat(Committer committer, ProgressLine line, Duration commitInterval, boolean failFast) {
    this.committer = committer;
    this.line = line;
    this.commitNanos = commitInterval.toNanos();
    this.failFast = failFast;
  }

  @Override
  public void begin(String step, long total) {
    cells = step.equals("compress");
    line.begin(step, total);
  }

  @Override
  public void advance(long moreDone, long moreFailed) {
    line.advance(moreDone, moreFailed);
    if (cells) {
      done += moreDone;
      failed += moreFailed;
    }
  }

  @Override
  public boolean beat() throws IOException {
    line.tick();
    if (System.nanoTime() - lastCommit >= commitNanos) {
      committer.commit();
      lastCommit = System.nanoTime();
    }
    return !(failFast && failed > 0);
  }

  @Override
  public void executor(String id, String backend) {
    executors.put(id, backend);
  }

  /** Shows the last step's end. */
  void finish() {
    line.finish();
  }

  /** What each executor that brought results computes on. */
  Map<String, String> executors() {
    return executors;
  }

  /** Cells computed so far. */
  long done() {
    return done;
  }

  /** Cells that failed so far. */
  long failed() {
    return failed;
  }
}
