package dev.assay.jobs.store;

import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Folder;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.checkpoint.Tensor;
import dev.assay.compress.UnitCompressor;
import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.model.Link;
import dev.assay.part.Artifact;
import dev.assay.part.CompressedMatrix;
import dev.assay.plan.Cell;
import dev.assay.plan.Trial;
import java.io.IOException;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The effective weights of a trial. A cell's artifact, {@code <out>/<sweep>/artifacts/<cell
 * id>.safetensors}, is read where it is there; else it is made again from the weight and its
 * factors, which gives the same bits, and kept.
 *
 * @param model path of the checkpoint
 * @param factors where factors are
 * @param statistics where statistics are
 * @param artifacts where artifacts are
 * @param userSeed the user's seed
 */
public record EffectiveWeights(
    String model,
    FactorStore factors,
    StatisticsStore statistics,
    ContentFolder artifacts,
    long userSeed)
    implements Serializable {

  /** What stands for every matrix, by name. */
  public Map<String, List<Link>> of(Trial trial, Configuration conf) throws IOException {
    Map<String, List<Link>> weights = new LinkedHashMap<>();
    SiteInputs inputs = new SiteInputs(model, statistics, conf);
    for (Cell cell : trial.cells()) {
      String matrix = cell.unit().matrix().name();
      weights.put(matrix, List.of(Link.of(compressed(cell, inputs, conf))));
    }
    return weights;
  }

  /**
   * What a cell made of its matrix.
   *
   * @throws dev.assay.InputException if artifact and factors or statistics are gone, or the
   *     checkpoint is
   */
  public CompressedMatrix compressed(Cell cell, Configuration conf) throws IOException {
    return compressed(cell, new SiteInputs(model, statistics, conf), conf);
  }

  private CompressedMatrix compressed(Cell cell, SiteInputs inputs, Configuration conf)
      throws IOException {
    Tensor tensor = cell.unit().matrix().weight();
    if (artifacts.holds(cell.id(), conf)) {
      try (SafetensorsFile file = artifacts.open(cell.id(), conf)) {
        return Artifact.read(file, tensor.rows(), tensor.cols());
      }
    }
    Folder folder = HadoopFolder.open(model, conf);
    CompressedMatrix made =
        new UnitCompressor(
                cell.unit(),
                Checkpoint.read(folder, tensor),
                new WeightSource(
                    tensor,
                    (weight, factorization) ->
                        factors.read(factorization.id(weight, userSeed), conf),
                    statistics,
                    conf),
                inputs.of(cell.unit()),
                userSeed)
            .compress(cell);
    artifacts.write(cell.id(), out -> Artifact.write(out, made), conf);
    return made;
  }

  /** The artifacts of a sweep. */
  public static ContentFolder artifacts(Path out, String sweep) {
    return ContentFolder.of(out, sweep, "artifacts");
  }
}
