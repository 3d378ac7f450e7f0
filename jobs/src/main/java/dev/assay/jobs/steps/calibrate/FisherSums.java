package dev.assay.jobs.steps.calibrate;

import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.jobs.pool.TaskPool;
import dev.assay.jobs.steps.calibrate.Gradients.Linear;
import dev.assay.jobs.store.ContentFolder;
import dev.assay.jobs.store.NoStatistics;
import dev.assay.stats.Fisher;
import dev.assay.stats.FisherAccumulator;
import dev.assay.stats.FisherFile;
import dev.assay.stats.NonFiniteException;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Sums up what the gradients of all examples say of one weight, in the order of the examples, and
 * publishes it.
 *
 * @param scratch where the examples are
 * @param statistics where statistics go
 * @param window layers in a window
 * @param examples how many there are
 * @param model the model's name, for the file's metadata
 * @param task whose loss it is, for the file's metadata
 */
record FisherSums(
    ContentFolder scratch,
    ContentFolder statistics,
    Broadcast<SerializableConfiguration> hadoop,
    int window,
    int examples,
    String model,
    String task)
    implements TaskPool.Body<Linear, String> {

  @Override
  public String describe(Linear linear) {
    return "gradients of " + linear.weight();
  }

  @Override
  public String run(Linear linear) throws IOException {
    Configuration conf = hadoop.value().value();
    try {
      sum(linear, conf);
    } catch (NonFiniteException e) {
      NoStatistics.write(statistics, FisherFile.name(linear.weight()), e, conf);
    }
    return linear.weight();
  }

  private void sum(Linear linear, Configuration conf) throws IOException {
    FisherAccumulator accumulator = new FisherAccumulator(linear.rows(), linear.cols());
    int first = linear.layer() / window * window;
    for (int example = 0; example < examples; example++) {
      try (SafetensorsFile file = scratch.open(GradientCapture.file(first, example), conf)) {
        accumulator.add(
            file.matrix(GradientCapture.entered(linear)),
            file.matrix(GradientCapture.gradient(linear)));
      }
    }
    Fisher gathered = accumulator.finish();
    Map<String, String> metadata = new TreeMap<>();
    metadata.put("weight", linear.weight());
    metadata.put("model", model);
    metadata.put("task", task);
    statistics.write(
        FisherFile.name(linear.weight()), out -> FisherFile.write(out, gathered, metadata), conf);
  }
}
