package dev.assay.jobs.steps;

import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Folder;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.checkpoint.Tensor;
import dev.assay.compress.UnitCompressor;
import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.part.Artifact;
import dev.assay.part.CompressedMatrix;
import dev.assay.sweep.Cell;
import dev.assay.sweep.Trial;
import dev.assay.sweep.UnitCells;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.Serializable;
import java.util.LinkedHashMap;
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
 * @param artifacts where artifacts are
 * @param userSeed the user's seed
 */
record EffectiveWeights(String model, FactorStore factors, ContentFolder artifacts, long userSeed)
    implements Serializable {

  /** Ŵ of every matrix, by name. */
  Map<String, Matrix> of(Trial trial, Configuration conf) throws IOException {
    Map<String, Matrix> weights = new LinkedHashMap<>();
    for (UnitCells unit : trial.units()) {
      weights.put(unit.unit().name(), compressed(unit, conf).decode());
    }
    return weights;
  }

  private CompressedMatrix compressed(UnitCells unit, Configuration conf) throws IOException {
    Cell cell = unit.cells().get(0);
    if (artifacts.holds(cell.id(), conf)) {
      try (SafetensorsFile file = artifacts.open(cell.id(), conf)) {
        return Artifact.read(file);
      }
    }
    Tensor tensor = unit.unit().weight();
    Folder folder = HadoopFolder.open(model, conf);
    CompressedMatrix made =
        new UnitCompressor(
                unit,
                Checkpoint.read(folder, tensor),
                factorization -> factors.read(factorization.id(tensor, userSeed), conf),
                userSeed)
            .compress(cell);
    artifacts.write(cell.id(), out -> Artifact.write(out, made), conf);
    return made;
  }

  /** The artifacts of a sweep. */
  static ContentFolder artifacts(Path out, String sweep) {
    return ContentFolder.of(out, sweep, "artifacts");
  }
}
