package dev.assay.jobs.steps;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/**
 * One line that says how far a step is: done, failed, time left. On a terminal it is redrawn in
 * place; elsewhere (a log) a line is printed every ten seconds.
 */
final class ProgressLine {
  private static final long REDRAW_NANOS = Duration.ofMillis(250).toNanos();
  private static final long LOG_NANOS = Duration.ofSeconds(10).toNanos();

  private final PrintStream out;
  private final boolean terminal;

  private String step = "";
  private long total;
  private long done;
  private long failed;
  private long started;
  private long shown;

  ProgressLine(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** Begins a step with {@code count} things to do. */
  void begin(String name, long count) {
    finish();
    step = name;
    total = count;
    done = 0;
    failed = 0;
    started = System.nanoTime();
    shown = started;
  }

  void advance(long moreDone, long moreFailed) {
    done += moreDone;
    failed += moreFailed;
  }

  /** Shows the line if it is time. */
  void tick() {
    long now = System.nanoTime();
    if (total > 0 && now - shown >= (terminal ? REDRAW_NANOS : LOG_NANOS)) {
      shown = now;
      show(now, "");
    }
  }

  /** Shows the step's last line. */
  void finish() {
    if (total > 0) {
      show(System.nanoTime(), terminal ? "\n" : "");
      total = 0;
    }
  }

  private void show(long now, String end) {
    String text = text(Duration.ofNanos(now - started));
    if (terminal) {
      out.print("\r\u001b[K" + text + end);
    } else {
      out.println(text);
    }
    out.flush();
  }

  String text(Duration spent) {
    long finished = done + failed;
    String time =
        finished >= total
            ? "in " + seconds(spent.toMillis())
            : finished == 0
                ? "time left unknown"
                : seconds(spent.toMillis() * (total - finished) / finished) + " left";
    return String.format(
        Locale.ROOT, "%s %d/%d done, %d failed, %s", step, done, total, failed, time);
  }

  private static String seconds(long millis) {
    long seconds = Math.round(millis / 1000.0);
    return seconds < 90
        ? seconds + " s"
        : seconds < 5400
            ? Math.round(seconds / 60.0) + " min"
            : String.format(Locale.ROOT, "%.1f h", seconds / 3600.0);
  }
}
