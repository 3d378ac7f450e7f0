package dev.assay.jobs.run;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * One line that says how far a step is: done, failed, how many a second, time left. On a terminal
 * it is redrawn in place; elsewhere (a log) a line is printed every ten seconds.
 *
 * <p>Things to do may differ a thousandfold, so that the time left goes by the estimated work that
 * is done, not by their number.
 */
public final class ProgressLine {
  private static final long REDRAW_NANOS = Duration.ofMillis(250).toNanos();
  private static final long LOG_NANOS = Duration.ofSeconds(10).toNanos();

  private final PrintStream out;
  private final boolean terminal;
  private final LongSupplier clock;

  private String step = "";
  private long total;
  private long done;
  private long failed;
  private double work;
  private double workDone;
  private long started;
  private long shown;

  /**
   * A line that shows nothing yet.
   *
   * @param terminal whether it can be redrawn
   * @param clock nanoseconds
   */
  public ProgressLine(PrintStream out, boolean terminal, LongSupplier clock) {
    this.out = out;
    this.terminal = terminal;
    this.clock = clock;
  }

  /**
   * Begins a step.
   *
   * @param count things to do
   * @param estimated their work, in any unit
   */
  public void begin(String name, long count, double estimated) {
    finish();
    step = name;
    total = count;
    work = estimated;
    done = 0;
    failed = 0;
    workDone = 0;
    started = clock.getAsLong();
    shown = started;
  }

  public void advance(long moreDone, long moreFailed, double moreWork) {
    done += moreDone;
    failed += moreFailed;
    workDone += moreWork;
  }

  /** Shows the line if it is time. */
  public void tick() {
    long now = clock.getAsLong();
    if (total > 0 && now - shown >= (terminal ? REDRAW_NANOS : LOG_NANOS)) {
      shown = now;
      show(now, "");
    }
  }

  /** Shows the step's last line. */
  public void finish() {
    if (total > 0) {
      show(clock.getAsLong(), terminal ? "\n" : "");
      total = 0;
    }
  }

  private void show(long now, String end) {
    String text = text((now - started) / 1e9);
    if (terminal) {
      out.print("\r\u001b[K" + text + end);
    } else {
      out.println(text);
    }
    out.flush();
  }

  private String text(double spent) {
    long finished = done + failed;
    String time =
        finished >= total
            ? "in " + duration(spent)
            : workDone <= 0
                ? "time left unknown"
                : duration(spent * Math.max(0, work - workDone) / workDone) + " left";
    return String.format(
        Locale.ROOT,
        "%s %d/%d done, %d failed, %s/s, %s",
        step,
        done,
        total,
        failed,
        rate(finished / Math.max(1e-3, spent)),
        time);
  }

  private static String rate(double perSecond) {
    return String.format(Locale.ROOT, perSecond < 10 ? "%.2f" : "%.0f", perSecond);
  }

  private static String duration(double seconds) {
    return seconds < 90
        ? String.format(Locale.ROOT, "%.0f s", seconds)
        : seconds < 5400
            ? String.format(Locale.ROOT, "%.0f min", seconds / 60)
            : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
  }
}
