package dev.assay.jobs.steps.evaluate;

import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Tensor;
import dev.assay.jobs.tables.ModelMetricsRow;
import dev.assay.plan.Cell;
import dev.assay.plan.Trial;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What models take: tensors that a trial does not compress count as the checkpoint stores them.
 *
 * @param bytes stored bytes of the checkpoint's tensors
 * @param parameters their number
 * @param storedBytes stored bytes of each cell, by id
 */
public record ModelSize(long bytes, long parameters, Map<String, Long> storedBytes) {
  public static ModelSize of(Checkpoint checkpoint, Map<String, Long> storedBytes) {
    long bytes = all(checkpoint).mapToLong(Tensor::bytes).sum();
    long parameters = all(checkpoint).mapToLong(Tensor::size).sum();
    return new ModelSize(bytes, parameters, storedBytes);
  }

  private static Stream<Tensor> all(Checkpoint checkpoint) {
    return Stream.concat(checkpoint.matrices().stream(), checkpoint.vectors().stream());
  }

  /** The size of a trial's model; of the dense one for a trial without units. */
  public ModelMetricsRow.Size of(Trial trial) {
    long compressed = 0;
    long replaced = 0;
    long weights = 0;
    for (Cell cell : trial.cells()) {
      compressed += storedBytes.get(cell.id());
      replaced += cell.unit().bytes();
      weights += cell.unit().size();
    }
    long total = bytes - replaced + compressed;
    return new ModelMetricsRow.Size(8.0 * compressed / weights, 8.0 * total / parameters, total);
  }
}
