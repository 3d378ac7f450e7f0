package dev.assay.jobs.store;

import dev.assay.InputException;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Folder;
import dev.assay.checkpoint.Tensor;
import dev.assay.compress.Input;
import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.plan.Member;
import dev.assay.plan.Unit;
import dev.assay.stats.InputStatistics;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/**
 * The inputs of the units that one task works on, each read when it is first asked for. Those of
 * one site are kept, so that what is computed from an input serves all its readers.
 */
public final class SiteInputs {
  private final String model;
  private final StatisticsStore statistics;
  private final Configuration conf;
  private final Map<String, Input> inputs = new HashMap<>();
  private String site = "";

  /**
   * No inputs yet.
   *
   * @param model path of the checkpoint
   * @param statistics where statistics are
   */
  public SiteInputs(String model, StatisticsStore statistics, Configuration conf) {
    this.model = model;
    this.statistics = statistics;
    this.conf = conf;
  }

  /** What a unit's matrix reads. */
  public Input of(Unit unit) {
    if (!unit.site().equals(site)) {
      inputs.clear();
      site = unit.site();
    }
    Member matrix = unit.matrix();
    int rows = matrix.peers().stream().mapToInt(Tensor::rows).max().orElseThrow();
    return inputs.computeIfAbsent(
        matrix.input(), name -> Input.of(source(name, matrix), rows, matrix.weight().cols()));
  }

  private Input.Source source(String name, Member matrix) {
    return new Input.Source() {
      @Override
      public boolean calibrated() {
        return statistics.covers(name);
      }

      @Override
      public InputStatistics statistics() throws IOException {
        InputStatistics read = statistics.read(name, conf);
        if (read.width() != matrix.weight().cols()) {
          throw new InputException(
              statistics.files().folder() + "/" + name,
              "Its statistics are of "
                  + read.width()
                  + " channels, and "
                  + matrix.name()
                  + " has "
                  + matrix.weight().cols()
                  + " columns",
              "Give the statistics of this model's inputs");
        }
        return read;
      }

      @Override
      public List<Matrix> peers() throws IOException {
        Folder folder = HadoopFolder.open(model, conf);
        List<Matrix> weights = new ArrayList<>();
        for (Tensor peer : matrix.peers()) {
          weights.add(Checkpoint.read(folder, peer));
        }
        return weights;
      }
    };
  }
}
