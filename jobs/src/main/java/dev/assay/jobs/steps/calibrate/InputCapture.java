package dev.assay.jobs.steps.calibrate;

import dev.assay.calibrate.Sequences;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.checkpoint.SafetensorsWriter;
import dev.assay.checkpoint.TensorData;
import dev.assay.jobs.pool.TaskPool;
import dev.assay.jobs.steps.evaluate.TrialModels;
import dev.assay.jobs.store.ContentFolder;
import dev.assay.model.Batch;
import dev.assay.model.InputRecorder;
import dev.assay.model.Model;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Runs a window of layers on one block of sequences and writes down what enters their linears and
 * what leaves the last of them, tokens × width each. What is written already is not computed again.
 *
 * @param model path of the checkpoint
 * @param scratch where it is written down
 * @param sequences all sequences
 * @param from index of the window's first layer
 * @param to index behind its last
 * @param linears names of the weights whose inputs are wanted
 * @param more whether another window follows
 */
record InputCapture(
    String model,
    ContentFolder scratch,
    Broadcast<Sequences> sequences,
    Broadcast<SerializableConfiguration> hadoop,
    int from,
    int to,
    List<String> linears,
    boolean more)
    implements TaskPool.Body<Integer, Integer> {

  @Override
  public String describe(Integer block) {
    return "layers " + from + " to " + (to - 1) + " forward, block " + block;
  }

  @Override
  public Integer run(Integer block) throws IOException {
    Configuration conf = hadoop.value().value();
    String inputs = inputs(from, block);
    String left = hidden(to, block);
    if (scratch.holds(inputs, conf) && (!more || scratch.holds(left, conf))) {
      return block;
    }
    Batch batch = Batch.of(sequences.value().block(block));
    Model encoder = TrialModels.ofThisJvm().dense(model, conf);
    Matrix entering;
    if (from == 0) {
      entering = encoder.embed(batch);
    } else {
      try (SafetensorsFile file = scratch.open(hidden(from, block), conf)) {
        entering = batch.withPadding(file.matrix("hidden"));
      }
    }
    InputRecorder recorder = new InputRecorder(Set.copyOf(linears), batch);
    Matrix leaving = encoder.blocks(entering, batch, from, to, recorder);
    Map<String, TensorData> tensors = new TreeMap<>();
    recorder.recorded().forEach((name, rows) -> tensors.put(name, TensorData.of(DType.F32, rows)));
    scratch.write(inputs, out -> SafetensorsWriter.write(out, tensors, Map.of()), conf);
    if (more) {
      TensorData hidden = TensorData.of(DType.F32, batch.withoutPadding(leaving));
      scratch.write(
          left, out -> SafetensorsWriter.write(out, Map.of("hidden", hidden), Map.of()), conf);
    }
    return block;
  }

  /** The file with what enters the linears of the window that begins at a layer. */
  static String inputs(int layer, int block) {
    return "inputs-" + layer + "-" + block;
  }

  /** The file with what enters a layer. */
  static String hidden(int layer, int block) {
    return "hidden-" + layer + "-" + block;
  }
}
