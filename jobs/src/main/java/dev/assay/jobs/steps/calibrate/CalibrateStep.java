package dev.assay.jobs.steps.calibrate;

import dev.assay.calibrate.Sequences;
import dev.assay.jobs.pool.TaskPool;
import dev.assay.jobs.run.SweepContext;
import dev.assay.jobs.steps.calibrate.Calibration.Reader;
import dev.assay.jobs.store.ContentFolder;
import dev.assay.jobs.store.Scratch;
import dev.assay.jobs.store.StatisticsStore;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.broadcast.Broadcast;

/**
 * Makes the statistics that cells need, a window of layers at a time.
 *
 * <p>In a window one job runs its layers on the blocks of sequences, a task a block, and writes
 * down what enters their linears and what leaves the window; a second job sums up each input, a
 * task an input, over all blocks in order. So nothing depends on how blocks are spread. Beside the
 * dense model, which an executor's tasks share outside the heap, a task needs the memory of one
 * block or of a tile of one input's H; on disk lies one window at a time.
 */
public final class CalibrateStep {
  private final SweepContext context;
  private final Calibration calibration;
  private final StatisticsStore store;
  private final Scratch scratch;
  private final long userSeed;

  /**
   * Prepares the step.
   *
   * @param scratch for what lies about meanwhile
   */
  public CalibrateStep(
      SweepContext context,
      Calibration calibration,
      StatisticsStore store,
      Scratch scratch,
      long userSeed) {
    this.context = context;
    this.calibration = calibration;
    this.store = store;
    this.scratch = scratch;
    this.userSeed = userSeed;
  }

  /**
   * Makes sure that the statistics of {@code needed} inputs are there.
   *
   * @return whether it ran to its end rather than being stopped
   */
  public boolean run(Set<String> needed, PrintStream log) throws IOException {
    Configuration conf = context.spark().hadoopConfiguration();
    List<Reader> missing = new ArrayList<>();
    SharedStatistics there = SharedStatistics.of(store.files(), conf);
    for (Reader reader : calibration.inputs()) {
      if (needed.contains(reader.input()) && !there.holds(reader.input(), conf)) {
        missing.add(reader);
      }
    }
    if (missing.isEmpty()) {
      return true;
    }
    report(missing, log);
    int window = calibration.settings().window();
    int last = missing.stream().mapToInt(Reader::layer).max().orElseThrow();
    int windows = last / window + 1;
    int blocks = calibration.sequences().blocks();
    context.pulse().begin("calibrate", (long) windows * blocks + missing.size());
    Broadcast<Sequences> sequences = context.spark().broadcast(calibration.sequences());
    ContentFolder captured = scratch.files();
    boolean finished = true;
    for (int w = 0; finished && w < windows; w++) {
      int from = w * window;
      int to = Math.min(from + window, last + 1);
      List<Reader> inside =
          missing.stream().filter(reader -> reader.layer() >= from && reader.layer() < to).toList();
      finished =
          capture(captured, sequences, from, to, inside, w + 1 < windows)
              && sum(captured, inside, blocks);
      for (int block = 0; finished && block < blocks; block++) {
        captured.delete(InputCapture.inputs(from, block), conf);
        captured.delete(InputCapture.hidden(from, block), conf);
      }
    }
    return finished;
  }

  private void report(List<Reader> missing, PrintStream log) {
    Sequences sequences = calibration.sequences();
    log.printf(
        Locale.ROOT,
        "Calibrating %d inputs on %d texts of %s, %,d tokens%s%n",
        missing.size(),
        sequences.texts().size(),
        calibration.settings().task(),
        sequences.tokens(),
        sequences.truncated() > 0
            ? " (" + sequences.truncated() + " texts cut at the longest length)"
            : "");
    Set<Integer> narrow = new HashSet<>();
    missing.stream().map(Reader::width).filter(w -> w > sequences.tokens()).forEach(narrow::add);
    if (!narrow.isEmpty()) {
      log.printf(
          Locale.ROOT,
          "Fewer tokens than the %s channels of some inputs: their H is singular, and only damping"
              + " makes it invertible; raise calibration.sequences%n",
          narrow);
    }
  }

  private boolean capture(
      ContentFolder captured,
      Broadcast<Sequences> sequences,
      int from,
      int to,
      List<Reader> inside,
      boolean more)
      throws IOException {
    List<Integer> blocks = IntStream.range(0, calibration.sequences().blocks()).boxed().toList();
    return new TaskPool(context.spark())
        .run(
            "calibrate layers " + from + " to " + (to - 1) + ": forward",
            blocks,
            new InputCapture(
                context.model(),
                captured,
                sequences,
                context.hadoop(),
                from,
                to,
                inside.stream().map(Reader::linear).toList(),
                more),
            (task, done) -> context.pulse().advance(1, 0),
            context.pulse()::beat);
  }

  private boolean sum(ContentFolder captured, List<Reader> inside, int blocks) throws IOException {
    return new TaskPool(context.spark())
        .run(
            "calibrate: sum up " + inside.size() + " inputs",
            inside,
            new InputSums(
                captured,
                store.files(),
                context.hadoop(),
                calibration.settings().window(),
                blocks,
                calibration.settings().rows(),
                userSeed,
                context.labels().model()),
            (task, done) -> context.pulse().advance(1, 0),
            context.pulse()::beat);
  }
}
