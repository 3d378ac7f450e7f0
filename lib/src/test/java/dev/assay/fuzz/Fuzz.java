package dev.assay.fuzz;

import com.sun.management.ThreadMXBean;
import dev.assay.InputException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Reads thousands of damaged files and checks of each that it is either read, or refused by one
 * {@link InputException} whose message names the place in a few printable lines; within a time, and
 * within memory in proportion to the file, whatever lengths the file declares.
 *
 * <p>The seed of case i is {@code fuzz.seed} + i. A failure names it and leaves the file under
 * {@code target/fuzz}; {@code -Dfuzz.seed=SEED -Dfuzz.cases=1 -Dfuzz.target=NAME} runs it alone.
 */
public final class Fuzz {
  /** How long reading may compute. */
  private static final long SECONDS = 20;

  /** Seconds that it may wait for the machine. */
  private static final int MOST_WAITED = 300;

  /** What reading may allocate in all: buffers, and so much for each byte of the file. */
  private static final long ALLOCATED = 16L << 20;

  private static final long ALLOCATED_PER_BYTE = 5000;
  private static final int LINES = 6;
  private static final int MESSAGE = 2500;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final Target target;
  private int read;
  private int refused;
  private long mostAllocated;
  private long longestNanos;
  private volatile Case current;

  private Fuzz(Target target) {
    this.target = target;
  }

  /**
   * Runs cases of a target.
   *
   * @param cases how many, unless {@code fuzz.cases} says otherwise
   */
  public static void run(Target target, int cases) {
    String only = System.getProperty("fuzz.target", target.name());
    if (only.equals(target.name())) {
      new Fuzz(target).run(Long.getLong("fuzz.seed", 1), Integer.getInteger("fuzz.cases", cases));
    }
  }

  private void run(long seed, int cases) {
    for (byte[] good : target.corpus()) {
      try {
        target.reader().read(good);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    long start = System.nanoTime();
    // One thread reads, as switching between two for each case takes longer than the case.
    FutureTask<Void> all =
        new FutureTask<>(
            () -> {
              for (long i = 0; i < cases; i++) {
                check(seed + i);
              }
              return null;
            });
    Thread reader = new Thread(all, "fuzz " + target.name());
    reader.setDaemon(true);
    reader.start();
    watch(all, reader);
    System.out.printf(
        Locale.ROOT,
        "fuzz %-22s %7d cases from seed %d: %d read, %d refused; %.1f s, longest %.0f ms,"
            + " at most %.1f MiB allocated%n",
        target.name(),
        cases,
        seed,
        read,
        refused,
        (System.nanoTime() - start) / 1e9,
        longestNanos / 1e6,
        mostAllocated / 1048576.0);
    // Both must occur, or the damage reaches nothing.
    if (cases >= 100 && (read == 0 || refused == 0)) {
      throw new AssertionError(
          target.name() + ": " + read + " of " + cases + " damaged files were read");
    }
  }

  /** What came of one file. */
  private record Outcome(Throwable thrown, long allocated, long nanos) {}

  /** Waits. What counts is a case's own time, as the machine may have others to serve. */
  private void watch(FutureTask<Void> all, Thread reader) {
    Case seen = current;
    for (int waited = 0; ; waited++) {
      try {
        all.get(1, TimeUnit.SECONDS);
        return;
      } catch (TimeoutException e) {
        Case now = current;
        waited = now == seen ? waited : 0;
        seen = now;
        long busy = now == null ? 0 : THREADS.getThreadCpuTime(reader.getId()) - now.startedAt();
        if (now != null && (busy > SECONDS * 1_000_000_000L || waited > MOST_WAITED)) {
          IllegalStateException hang = new IllegalStateException("No end after " + SECONDS + " s");
          hang.setStackTrace(reader.getStackTrace());
          throw failure(now.seed(), now.file(), "hangs", hang);
        }
      } catch (ExecutionException e) {
        if (e.getCause() instanceof AssertionError failure) {
          throw failure;
        }
        throw new IllegalStateException(e.getCause());
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** The case that is being read, since its thread had computed so long. */
  private record Case(long seed, byte[] file, long startedAt) {}

  private void check(long seed) {
    byte[] file = target.file(seed);
    long start = THREADS.getCurrentThreadCpuTime();
    current = new Case(seed, file, start);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    Throwable thrown = null;
    try {
      target.reader().read(file);
    } catch (IOException | RuntimeException | Error e) {
      thrown = e;
    }
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    mostAllocated = Math.max(mostAllocated, allocated);
    longestNanos = Math.max(longestNanos, THREADS.getCurrentThreadCpuTime() - start);
    if (allocated > ALLOCATED + ALLOCATED_PER_BYTE * file.length) {
      throw failure(
          seed, file, "allocates " + allocated + " bytes for a file of " + file.length, thrown);
    }
    if (thrown == null) {
      read++;
    } else if (thrown instanceof InputException refusal) {
      refused++;
      checkMessage(seed, file, refusal);
    } else {
      throw failure(seed, file, "throws " + thrown.getClass(), thrown);
    }
  }

  private void checkMessage(long seed, byte[] file, InputException refusal) {
    String message = refusal.getMessage();
    if (!target.where().matcher(message).find()) {
      throw failure(seed, file, "has an error that does not say where", refusal);
    }
    if (message.length() > MESSAGE || message.lines().count() > LINES) {
      throw failure(seed, file, "has an error of " + message.length() + " characters", refusal);
    }
    if (message.chars().anyMatch(c -> Character.isISOControl(c) && c != '\n')) {
      throw failure(seed, file, "has an error that controls the terminal", refusal);
    }
  }

  /** Writes a case down. */
  static Path keep(Target target, long seed, byte[] file) {
    Path kept = Path.of("target", "fuzz", target.name() + "-" + seed);
    try {
      Files.createDirectories(kept.getParent());
      return Files.write(kept, file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private AssertionError failure(long seed, byte[] file, String what, Throwable cause) {
    Path kept = keep(target, seed, file);
    StringWriter trace = new StringWriter();
    if (cause != null) {
      cause.printStackTrace(new PrintWriter(trace));
    }
    String shown = trace.toString();
    return new AssertionError(
        String.format(
            Locale.ROOT,
            "%s %s; the file is %s; again: -Dfuzz.target=%s -Dfuzz.seed=%d -Dfuzz.cases=1%n%s",
            target.name(),
            what,
            kept,
            target.name(),
            seed,
            shown.substring(0, Math.min(6000, shown.length()))));
  }
}
