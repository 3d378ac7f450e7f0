package dev.assay.jobs.steps.calibrate;

import dev.assay.calibrate.Sequences;
import dev.assay.checkpoint.SafetensorsWriter;
import dev.assay.checkpoint.TensorData;
import dev.assay.jobs.pool.TaskPool;
import dev.assay.jobs.steps.calibrate.Gradients.Linear;
import dev.assay.jobs.steps.evaluate.TrialModels;
import dev.assay.jobs.store.ContentFolder;
import dev.assay.model.Batch;
import dev.assay.model.Model;
import dev.assay.model.TokenGradients;
import dev.assay.model.TokenIds;
import dev.assay.tensor.DType;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Differentiates the losses of one block of examples, one after the other, by what leaves the
 * linears of a window of layers, and writes down what entered and those gradients, a file an
 * example. What is written already is not computed again.
 *
 * @param model path of the checkpoint
 * @param scratch where it is written down
 * @param sequences all examples
 * @param gradients their losses
 * @param from index of the window's first layer
 * @param linears those of the window that are wanted
 */
record GradientCapture(
    String model,
    ContentFolder scratch,
    Broadcast<Sequences> sequences,
    Broadcast<Gradients> gradients,
    Broadcast<SerializableConfiguration> hadoop,
    int from,
    List<Linear> linears)
    implements TaskPool.Body<Integer, Integer> {

  @Override
  public String describe(Integer block) {
    return "layers from " + from + " backward, block " + block;
  }

  @Override
  public Integer run(Integer block) throws IOException {
    Configuration conf = hadoop.value().value();
    Model encoder = TrialModels.ofThisJvm().dense(model, conf);
    Set<String> weights = linears.stream().map(Linear::weight).collect(Collectors.toSet());
    List<TokenIds> texts = sequences.value().block(block);
    for (int i = 0; i < texts.size(); i++) {
      int example = block * Sequences.BLOCK + i;
      String name = file(from, example);
      if (!scratch.holds(name, conf)) {
        Map<String, TokenGradients> found =
            encoder
                .gradients(
                    Batch.of(texts.subList(i, i + 1)),
                    gradients.value().losses().subList(example, example + 1),
                    weights)
                .get(0);
        Map<String, TensorData> tensors = new TreeMap<>();
        for (Linear linear : linears) {
          TokenGradients of = found.get(linear.weight());
          tensors.computeIfAbsent(entered(linear), unknown -> TensorData.of(DType.F32, of.input()));
          tensors.put(gradient(linear), TensorData.of(DType.F32, of.gradient()));
        }
        scratch.write(name, out -> SafetensorsWriter.write(out, tensors, Map.of()), conf);
      }
    }
    return block;
  }

  /** The file of an example in the window that begins at a layer. */
  static String file(int layer, int example) {
    return "gradients-" + layer + "-" + example;
  }

  /** The tensor with what entered a linear, and others that read the same. */
  static String entered(Linear linear) {
    return "x " + linear.input();
  }

  /** The tensor with the gradients by what left it. */
  static String gradient(Linear linear) {
    return "g " + linear.weight();
  }
}
