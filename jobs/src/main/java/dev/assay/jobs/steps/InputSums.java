package dev.assay.jobs.steps;

import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.jobs.steps.Calibration.Reader;
import dev.assay.stats.InputAccumulator;
import dev.assay.stats.InputStatistics;
import dev.assay.stats.StatisticsFile;
import dev.assay.sweep.Ids;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Sums up what entered one linear over all blocks, in their order, and publishes the statistics.
 *
 * @param scratch where the blocks are
 * @param statistics where statistics go
 * @param window layers in a window
 * @param blocks number of blocks
 * @param rows how many tokens are kept
 * @param userSeed the user's seed
 * @param model the model's name, for the file's metadata
 */
record InputSums(
    ContentFolder scratch,
    ContentFolder statistics,
    Broadcast<SerializableConfiguration> hadoop,
    int window,
    int blocks,
    int rows,
    long userSeed,
    String model)
    implements TaskPool.Body<Reader, String> {

  @Override
  public String run(Reader reader) throws IOException {
    Configuration conf = hadoop.value().value();
    long seed = Ids.seed(userSeed, "calibration-rows", reader.input());
    InputAccumulator accumulator = new InputAccumulator(reader.width(), rows, seed);
    int first = reader.layer() / window * window;
    for (int block = 0; block < blocks; block++) {
      try (SafetensorsFile file = scratch.open(InputCapture.inputs(first, block), conf)) {
        accumulator.add(file.matrix(reader.linear()));
      }
    }
    InputStatistics gathered = accumulator.finish();
    Map<String, String> metadata = new TreeMap<>();
    metadata.put("input", reader.input());
    metadata.put("model", model);
    statistics.write(reader.input(), out -> StatisticsFile.write(out, gathered, metadata), conf);
    return reader.input();
  }
}
