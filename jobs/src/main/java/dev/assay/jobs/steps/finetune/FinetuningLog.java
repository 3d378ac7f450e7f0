package dev.assay.jobs.steps.finetune;

import dev.assay.evaluate.answers.Measure;
import dev.assay.evaluate.answers.Metric;
import dev.assay.finetune.Progress;
import java.io.PrintStream;
import java.util.Locale;

/** Says in lines how a model learns: one every few seconds, one for each epoch. */
final class FinetuningLog implements Progress {
  private static final long NANOS_BETWEEN = 10_000_000_000L;

  private final PrintStream log;
  private final long start = System.nanoTime();
  private long lastLine = start;
  private double losses;
  private int since;

  FinetuningLog(PrintStream log) {
    this.log = log;
  }

  @Override
  public void step(int step, int steps, long examples, double loss) {
    losses += loss;
    since++;
    long now = System.nanoTime();
    if (now - lastLine < NANOS_BETWEEN) {
      return;
    }
    double seconds = (now - start) / 1e9;
    log.printf(
        Locale.ROOT,
        "[finetune] step %,d of %,d, loss %.4f, %.0f examples/s, about %s left%n",
        step,
        steps,
        losses / since,
        examples / seconds,
        duration(seconds / step * (steps - step)));
    lastLine = now;
    losses = 0;
    since = 0;
  }

  private static String duration(double seconds) {
    return seconds < 90
        ? String.format(Locale.ROOT, "%.0f s", seconds)
        : String.format(Locale.ROOT, "%.0f min", seconds / 60);
  }

  @Override
  public void epoch(Epoch epoch) {
    log.println(line(epoch));
  }

  /** How an epoch went. */
  static String line(Epoch epoch) {
    StringBuilder line =
        new StringBuilder(
            String.format(Locale.ROOT, "epoch %d: loss %.4f", epoch.number(), epoch.loss()));
    for (Measure measure : epoch.dev()) {
      line.append(
          String.format(
              Locale.ROOT,
              ", dev %s %.4f [%.4f, %.4f]",
              measure.metric().id(),
              measure.value(),
              measure.interval().low(),
              measure.interval().high()));
      if (measure.metric() == Metric.ACCURACY && measure.correct().isPresent()) {
        line.append(
            String.format(Locale.ROOT, " (%d of %d)", measure.correct().getAsInt(), measure.n()));
      }
    }
    return line.toString();
  }
}
