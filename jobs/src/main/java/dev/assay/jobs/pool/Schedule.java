package dev.assay.jobs.pool;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.stream.Collectors;
import org.apache.spark.SparkEnv;

/**
 * How well the tasks of a job were spread: what they took beside what no order could beat, the work
 * over all slots or the longest task, whichever is longer.
 */
final class Schedule {
  /**
   * When and where a task ran.
   *
   * @param executor its executor
   * @param begin by the executor's clock, s
   * @param seconds what it took
   */
  record Span(String executor, double begin, double seconds) implements Serializable {
    private double end() {
      return begin + seconds;
    }
  }

  /** Takes the time of a task, on its executor. */
  record Clock(double begin, long nanos) {
    static Clock start() {
      return new Clock(System.currentTimeMillis() / 1e3, System.nanoTime());
    }

    Span stop() {
      return new Span(SparkEnv.get().executorId(), begin, (System.nanoTime() - nanos) / 1e9);
    }
  }

  private final long start = System.nanoTime();
  private final List<Span> spans = new ArrayList<>();
  private final List<Double> estimates = new ArrayList<>();
  private double reached;

  /** Adds a task that has just come back. */
  void add(Span span, double estimate) {
    spans.add(span);
    estimates.add(estimate);
    reached = (System.nanoTime() - start) / 1e9;
  }

  /** The most tasks that ran at once, executor by executor, whose clocks may differ. */
  int slots() {
    Map<String, List<Span>> byExecutor =
        spans.stream().collect(Collectors.groupingBy(Span::executor));
    return byExecutor.values().stream().mapToInt(Schedule::atOnce).sum();
  }

  private static int atOnce(List<Span> spans) {
    PriorityQueue<Double> running = new PriorityQueue<>();
    int most = 0;
    for (Span span : spans.stream().sorted(Comparator.comparingDouble(Span::begin)).toList()) {
      while (!running.isEmpty() && running.peek() <= span.begin()) {
        running.poll();
      }
      running.add(span.end());
      most = Math.max(most, running.size());
    }
    return most;
  }

  /** The longest task, s. */
  double longest() {
    return spans.stream().mapToDouble(Span::seconds).max().orElse(0);
  }

  /** What no order of these tasks on these slots could beat, s. */
  double bound() {
    double work = spans.stream().mapToDouble(Span::seconds).sum();
    return Math.max(work / Math.max(1, slots()), longest());
  }

  /** From the job's start to its last result, s. */
  double reached() {
    return reached;
  }

  /**
   * Pearson's correlation of estimated and measured seconds; NaN where there is no estimate or no
   * difference.
   */
  double correlation() {
    double n = spans.size();
    double meanX = estimates.stream().mapToDouble(Double::doubleValue).sum() / n;
    double meanY = spans.stream().mapToDouble(Span::seconds).sum() / n;
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 0; i < spans.size(); i++) {
      double x = estimates.get(i) - meanX;
      double y = spans.get(i).seconds() - meanY;
      xy += x * y;
      xx += x * x;
      yy += y * y;
    }
    return xy / Math.sqrt(xx * yy);
  }

  @Override
  public String toString() {
    String estimated =
        Double.isFinite(correlation())
            ? String.format(Locale.ROOT, ", estimates correlate by %.2f", correlation())
            : "";
    return String.format(
        Locale.ROOT,
        "%d tasks in %.1f s on %d slots; no order takes less than %.1f s, the longest task %.1f s%s",
        spans.size(),
        reached(),
        slots(),
        bound(),
        longest(),
        estimated);
  }
}
