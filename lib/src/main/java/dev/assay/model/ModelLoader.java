package dev.assay.model;

import dev.assay.InputException;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Folder;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Makes a model that runs from a checkpoint. */
public final class ModelLoader {
  private ModelLoader() {}

  /**
   * Reads every parameter of the model in {@code folder} (safetensors or ONNX, any prefix before
   * the encoder's names) into libtorch's memory, as 32-bit floats, one tensor at a time. Loads
   * libtorch, if this is the first model of the JVM.
   *
   * @throws InputException if the model is no BERT or DistilBERT; a tensor is missing, has another
   *     shape than {@code config.json} says or has no place in the model; the classes of {@code
   *     config.json} are not those of the head; or libtorch cannot be loaded
   */
  public static Encoder load(Folder folder) throws IOException {
    Checkpoint checkpoint = Checkpoint.open(folder);
    ModelConfig config = ModelConfig.of(folder, checkpoint);
    TorchRuntime.load();
    Weights weights = Weights.of(folder, checkpoint);
    try {
      Encoder encoder = Encoder.dense(config, weights);
      try {
        weights.checkAllUsed();
        checkClasses(folder, config, encoder.classes());
        return encoder;
      } catch (RuntimeException e) {
        encoder.close();
        throw e;
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static void checkClasses(Folder folder, ModelConfig config, int classes) {
    int labels = config.labels().size();
    if (classes > 0 && labels > 0 && classes != labels) {
      throw new InputException(
          folder.path() + "/" + ModelConfig.FILE,
          "Names " + labels + " classes, but the head has " + classes + " outputs",
          "Give the config.json that belongs to the weights.");
    }
  }
}
