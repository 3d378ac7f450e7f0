package dev.assay.jobs.steps.calibrate;

import dev.assay.calibrate.Sequences;
import dev.assay.jobs.pool.TaskPool;
import dev.assay.jobs.run.SweepContext;
import dev.assay.jobs.steps.calibrate.Gradients.Linear;
import dev.assay.jobs.store.ContentFolder;
import dev.assay.jobs.store.Scratch;
import dev.assay.jobs.store.StatisticsStore;
import dev.assay.stats.FisherFile;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.broadcast.Broadcast;

/**
 * Makes the Fisher information that cells need, of the examples that the inputs' statistics are
 * made of, a window of layers at a time.
 *
 * <p>In a window one job differentiates the losses, a task a block of examples, and writes down
 * what entered the window's linears and the gradients by what left them; a second job sums up each
 * weight, a task a weight, over all examples in order. So nothing depends on how blocks are spread.
 * Beside the dense model, which an executor's tasks share outside the heap, a task needs the memory
 * of one example or one weight; on disk lies one window at a time.
 */
public final class GradientStep {
  private final SweepContext context;
  private final Calibration calibration;
  private final Gradients gradients;
  private final StatisticsStore store;
  private final Scratch scratch;

  /**
   * Prepares the step.
   *
   * @param scratch for what lies about meanwhile
   */
  public GradientStep(
      SweepContext context,
      Calibration calibration,
      Gradients gradients,
      StatisticsStore store,
      Scratch scratch) {
    this.context = context;
    this.calibration = calibration;
    this.gradients = gradients;
    this.store = store;
    this.scratch = scratch;
  }

  /**
   * Makes sure that what gradients say of the {@code needed} weights is there.
   *
   * @return whether it ran to its end rather than being stopped
   */
  public boolean run(Set<String> needed, PrintStream log) throws IOException {
    Configuration conf = context.spark().hadoopConfiguration();
    List<Linear> missing = new ArrayList<>();
    SharedStatistics there = SharedStatistics.of(store.files(), conf);
    for (Linear linear : gradients.linears()) {
      if (needed.contains(linear.weight())
          && !there.holds(FisherFile.name(linear.weight()), conf)) {
        missing.add(linear);
      }
    }
    if (missing.isEmpty()) {
      return true;
    }
    log.printf(
        Locale.ROOT,
        "Gradients of %d weights on %d examples of %s%n",
        missing.size(),
        gradients.losses().size(),
        calibration.settings().task());
    gradients.treatments().forEach(log::println);
    int window = calibration.settings().window();
    List<Integer> firsts =
        missing.stream().map(linear -> linear.layer() / window * window).distinct().toList();
    int blocks = calibration.sequences().blocks();
    context.pulse().begin("gradients", (long) firsts.size() * blocks + missing.size());
    Broadcast<Sequences> sequences = context.spark().broadcast(calibration.sequences());
    Broadcast<Gradients> losses = context.spark().broadcast(gradients);
    ContentFolder captured = scratch.files();
    boolean finished = true;
    for (int first : firsts) {
      List<Linear> inside =
          missing.stream().filter(linear -> linear.layer() / window * window == first).toList();
      finished =
          finished && capture(captured, sequences, losses, first, inside) && sum(captured, inside);
      for (int example = 0; finished && example < gradients.losses().size(); example++) {
        captured.delete(GradientCapture.file(first, example), conf);
      }
    }
    return finished;
  }

  private boolean capture(
      ContentFolder captured,
      Broadcast<Sequences> sequences,
      Broadcast<Gradients> losses,
      int first,
      List<Linear> inside)
      throws IOException {
    return new TaskPool(context.spark())
        .run(
            "gradients of layers from " + first + ": backward",
            IntStream.range(0, calibration.sequences().blocks()).boxed().toList(),
            new GradientCapture(
                context.model(), captured, sequences, losses, context.hadoop(), first, inside),
            (task, done) -> context.pulse().advance(1, 0),
            context.pulse()::beat);
  }

  private boolean sum(ContentFolder captured, List<Linear> inside) throws IOException {
    return new TaskPool(context.spark())
        .run(
            "gradients: sum up " + inside.size() + " weights",
            inside,
            new FisherSums(
                captured,
                store.files(),
                context.hadoop(),
                calibration.settings().window(),
                gradients.losses().size(),
                context.labels().model(),
                calibration.settings().task()),
            (task, done) -> context.pulse().advance(1, 0),
            context.pulse()::beat);
  }
}
