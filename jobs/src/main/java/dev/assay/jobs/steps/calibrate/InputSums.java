package dev.assay.jobs.steps.calibrate;

import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.jobs.pool.TaskPool;
import dev.assay.jobs.steps.calibrate.Calibration.Reader;
import dev.assay.jobs.store.ContentFolder;
import dev.assay.jobs.store.NoStatistics;
import dev.assay.plan.Ids;
import dev.assay.stats.HessianTile;
import dev.assay.stats.NonFiniteException;
import dev.assay.stats.StatisticsFile;
import dev.assay.stats.TokenSums;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Sums up what entered one linear over all blocks, in their order, and publishes the statistics.
 * The blocks are read once for the channels and once for each tile of H, so that a task's memory is
 * a tile and a block, however wide the input.
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
  public String describe(Reader reader) {
    return "statistics of " + reader.input();
  }

  @Override
  public String run(Reader reader) throws IOException {
    Configuration conf = hadoop.value().value();
    try {
      sum(reader, conf);
    } catch (NonFiniteException e) {
      NoStatistics.write(statistics, reader.input(), e, conf);
    }
    return reader.input();
  }

  private void sum(Reader reader, Configuration conf) throws IOException {
    long seed = Ids.seed(userSeed, "calibration-rows", reader.input());
    TokenSums sums = new TokenSums(reader.width(), rows, seed);
    eachBlock(reader, sums::add, conf);
    Map<String, String> metadata = new TreeMap<>();
    metadata.put("input", reader.input());
    metadata.put("model", model);
    StatisticsFile.Tiles hessian =
        (from, to) -> {
          HessianTile tile = new HessianTile(reader.width(), from, to);
          eachBlock(reader, tile::add, conf);
          return tile.data();
        };
    statistics.write(
        reader.input(), out -> StatisticsFile.write(out, sums, hessian, metadata), conf);
  }

  private void eachBlock(Reader reader, Consumer<Matrix> tokens, Configuration conf)
      throws IOException {
    int first = reader.layer() / window * window;
    for (int block = 0; block < blocks; block++) {
      try (SafetensorsFile file = scratch.open(InputCapture.inputs(first, block), conf)) {
        tokens.accept(file.matrix(reader.linear()));
      }
    }
  }
}
