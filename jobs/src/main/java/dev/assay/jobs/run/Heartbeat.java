package dev.assay.jobs.run;

import dev.assay.jobs.pool.Pause;
import dev.assay.jobs.tables.CellRow;
import dev.assay.jobs.tables.CellStatus;
import dev.assay.jobs.tables.RunRow;
import dev.assay.jobs.tables.TableRow;
import dev.assay.jobs.tables.land.Committer;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Commits at the sweep's interval, shows progress, and stops at the first failure if asked to. */
public final class Heartbeat implements SweepContext.Pulse {
  private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);
  private static final int FAILED_COMMITS = 10;
  private static final Duration AGAIN = Duration.ofSeconds(1);

  private final Committer committer;
  private final ProgressLine line;
  private final long commitNanos;
  private final boolean failFast;
  private final LongSupplier nanoTime;
  private final FailureLog failureLog = new FailureLog();
  private final Map<String, String> executors = new TreeMap<>();

  private long lastCommit;
  private int failedCommits;
  private long done;
  private long failed;
  private boolean ended;

  public Heartbeat(
      Committer committer,
      ProgressLine line,
      Duration commitInterval,
      boolean failFast,
      LongSupplier nanoTime) {
    this.committer = committer;
    this.line = line;
    this.commitNanos = commitInterval.toNanos();
    this.failFast = failFast;
    this.nanoTime = nanoTime;
    this.lastCommit = nanoTime.getAsLong();
  }

  @Override
  public void begin(String step, long total, double work) {
    line.begin(step, total, work);
  }

  @Override
  public void advance(long moreDone, long moreFailed, double moreWork) {
    line.advance(moreDone, moreFailed, moreWork);
  }

  @Override
  public synchronized void cells(
      Collection<CellRow> rows, Collection<? extends TableRow> measured, double work) {
    if (ended) {
      return; // the JVM is going down, and the last row has been written
    }
    committer.append(measured);
    committer.append(rows);
    List<CellRow> failures =
        rows.stream().filter(row -> row.outcome().status() == CellStatus.FAILED).toList();
    failures.forEach(failureLog::add);
    done += rows.size() - failures.size();
    failed += failures.size();
    advance(rows.size() - failures.size(), failures.size(), work);
  }

  @Override
  public boolean beat() throws IOException {
    line.tick();
    long now = nanoTime.getAsLong();
    if (now - lastCommit >= commitNanos) {
      lastCommit = now;
      commit();
    }
    return !(failFast && failed() > 0);
  }

  /**
   * What could not be stored waits for the next commit; only a store that stays away stops a run.
   */
  private void commit() throws IOException {
    try {
      committer.commit();
      failedCommits = 0;
    } catch (IOException e) {
      failedCommits++;
      if (failedCommits > FAILED_COMMITS) {
        throw e;
      }
      LOG.warn("Results could not be stored and wait for the next commit: {}", e.toString());
    }
  }

  @Override
  public void settle() throws IOException {
    line.finish(); // what follows until the next step begins is not this one's time
    commit();
    while (failedCommits > 0) {
      Pause.of(
          Duration.ofNanos(Math.max(AGAIN.toNanos(), commitNanos)), "results could not be stored");
      commit();
    }
  }

  @Override
  public synchronized void executor(String id, String backend) {
    executors.put(id, backend);
  }

  /** Shows the last step's end. */
  void finish() {
    line.finish();
    failureLog.finish();
  }

  /** Takes the run's last row, and no cells after it. */
  synchronized void end(Supplier<RunRow> last) {
    committer.append(List.of(last.get()));
    ended = true;
  }

  /** What each executor that brought results computes on. */
  synchronized Map<String, String> executors() {
    return Map.copyOf(executors);
  }

  /** Cells computed so far. */
  public synchronized long done() {
    return done;
  }

  /** Cells that failed so far. */
  public synchronized long failed() {
    return failed;
  }
}
