package dev.assay.model;

import dev.assay.InputException;
import dev.assay.checkpoint.ByteSource;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Folder;
import dev.assay.family.Architecture;
import dev.assay.family.Families;
import dev.assay.family.ModelConfig;
import dev.assay.family.Published;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Makes a model that runs from a checkpoint. */
public final class ModelLoader {
  private ModelLoader() {}

  /**
   * The configuration of the checkpoint in {@code folder}: its {@code config.json} or, where there
   * is none (a bare ONNX export), what the shapes of its tensors tell: of a BERT or DistilBERT,
   * with what every published one has, and the number of heads from a table of published widths
   * ({@link Published}). Its family is the checkpoint's, whether or not the file has a {@code
   * model_type}.
   *
   * @throws InputException if the family is none that runs, a key is missing or holds what Assay
   *     cannot compute, or, without the file, the width is not in the table
   */
  public static ModelConfig config(Folder folder, Checkpoint checkpoint) throws IOException {
    boolean configured = folder.files().contains(ConfigFile.NAME);
    Architecture family =
        Families.running(checkpoint.modelType()).orElseThrow(() -> notRun(folder, checkpoint));
    if (configured) {
      try (ByteSource source = folder.open(ConfigFile.NAME)) {
        return family.config(ConfigFile.read(source));
      }
    }
    return ConfigShapes.derive(checkpoint, family);
  }

  private static InputException notRun(Folder folder, Checkpoint checkpoint) {
    boolean unknown = checkpoint.modelType().equals(Families.UNKNOWN);
    return new InputException(
        folder.path() + "/" + ConfigFile.NAME,
        unknown
            ? "The key model_type is missing, and the tensors' names do not tell the architecture"
            : "Models of type " + checkpoint.modelType() + " can be compressed, but not evaluated",
        "Evaluation runs " + Families.names() + "; sweep without tasks, or choose such a model.");
  }

  /**
   * Reads every parameter of the model in {@code folder} (safetensors or ONNX, any prefix before
   * the body's names) into libtorch's memory, as 32-bit floats, one tensor at a time. Loads
   * libtorch, if this is the first model of the JVM.
   *
   * @throws InputException as {@link #config}; or if a tensor is missing, has another shape than
   *     {@code config.json} says or has no place in the model; the classes of {@code config.json}
   *     are not those of the head; or libtorch cannot be loaded
   */
  public static Model load(Folder folder) throws IOException {
    Checkpoint checkpoint = Checkpoint.open(folder);
    ModelConfig config = config(folder, checkpoint);
    TorchRuntime.load();
    Weights weights = Weights.of(folder, checkpoint, config.family());
    try {
      Model model = Model.dense(config, weights);
      try {
        weights.checkAllUsed();
        checkClasses(folder, config, model.classes());
        return model;
      } catch (RuntimeException e) {
        model.close();
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
          folder.path() + "/" + ConfigFile.NAME,
          "Names " + labels + " classes, but the head has " + classes + " outputs",
          "Give the config.json that belongs to the weights.");
    }
  }
}
