package dev.assay.jobs.store;

import dev.assay.checkpoint.Folder;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.checkpoint.Tensor;
import dev.assay.plan.StatisticsIds;
import dev.assay.recipe.UnfitException;
import dev.assay.stats.Fisher;
import dev.assay.stats.FisherFile;
import dev.assay.stats.InputStatistics;
import dev.assay.stats.StatisticsFile;
import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The statistics of inputs on disk, {@code <folder>/<input>.safetensors}, and beside them the
 * Fisher information of weights, {@code <folder>/<weight>.fisher.safetensors}.
 *
 * @param ids which inputs and weights have any
 * @param files where they are
 */
public record StatisticsStore(StatisticsIds ids, ContentFolder files) implements Serializable {
  /** Nothing is known of any input. */
  public static final StatisticsStore NONE =
      new StatisticsStore(new StatisticsIds.None(), new ContentFolder(""));

  /** Whether there are statistics of an input, or will be once it is calibrated. */
  boolean covers(String input) {
    return ids.of(input).isPresent();
  }

  /**
   * Reads the statistics of an input.
   *
   * @throws UnfitException if there are none
   * @throws dev.assay.InputException if the file is none of statistics
   */
  InputStatistics read(String input, Configuration conf) throws IOException {
    if (!covers(input)) {
      throw new UnfitException("There are no statistics of " + input);
    }
    try (SafetensorsFile file = files.open(input, conf)) {
      NoStatistics.check(file, input);
      return StatisticsFile.read(file, files.folder() + "/" + input);
    }
  }

  /**
   * Reads what gradients say of a weight.
   *
   * @throws UnfitException if there are none
   * @throws dev.assay.InputException if the file is none of Fisher information
   */
  Fisher fisher(Tensor weight, Configuration conf) throws IOException {
    if (ids.fisher(weight.name()).isEmpty()) {
      throw new UnfitException("There are no gradients of " + weight.name());
    }
    String name = FisherFile.name(weight.name());
    try (SafetensorsFile file = files.open(name, conf)) {
      NoStatistics.check(file, "the gradients of " + weight.name());
      return FisherFile.read(file, weight.rows(), weight.cols(), files.folder() + "/" + name);
    }
  }

  /**
   * The folder of a user's own statistics.
   *
   * @param ids what stands for its files
   */
  public static StatisticsStore supplied(Folder directory, StatisticsIds ids) {
    return new StatisticsStore(ids, new ContentFolder(new Path(directory.path()).toString()));
  }
}
