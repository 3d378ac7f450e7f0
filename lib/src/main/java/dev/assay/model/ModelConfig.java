package dev.assay.model;

import dev.assay.InputException;
import dev.assay.checkpoint.ByteSource;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Folder;
import dev.assay.checkpoint.Tensor;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The shape of an encoder: what {@code config.json} says of it, as far as computing needs it.
 *
 * @param modelType {@code bert} or {@code distilbert}
 * @param vocabulary rows of the word embeddings
 * @param width size of a hidden state
 * @param layers number of blocks
 * @param heads attention heads per block
 * @param intermediate width between the two linears of a feed-forward block
 * @param positions the most tokens a text may have
 * @param types rows of the token type embeddings; 0 where the architecture has none
 * @param epsilon of every LayerNorm
 * @param activation between the two linears of a feed-forward block
 * @param labels names of the classes by their index in the logits ({@code id2label}); empty where
 *     the file names none
 */
public record ModelConfig(
    String modelType,
    int vocabulary,
    int width,
    int layers,
    int heads,
    int intermediate,
    int positions,
    int types,
    double epsilon,
    Activation activation,
    List<String> labels) {
  static final String FILE = "config.json";

  public ModelConfig {
    labels = List.copyOf(labels);
  }

  /** Names of the classes by their index in the logits; empty where none are named. */
  public Map<Integer, String> id2label() {
    Map<Integer, String> names = new TreeMap<>();
    labels.forEach(label -> names.put(names.size(), label));
    return names;
  }

  /** The same with other names of the classes. */
  public ModelConfig labelled(List<String> names) {
    return new ModelConfig(
        modelType,
        vocabulary,
        width,
        layers,
        heads,
        intermediate,
        positions,
        types,
        epsilon,
        activation,
        names);
  }

  /** Outputs of the sequence classification head that {@code checkpoint} has; 0 without one. */
  public int outputs(Checkpoint checkpoint) {
    String pooler =
        modelType.equals("distilbert") ? "pre_classifier.weight" : "pooler.dense.weight";
    return checkpoint.matrices().stream().anyMatch(matrix -> matrix.name().endsWith(pooler))
        ? checkpoint.matrices().stream()
            .filter(matrix -> matrix.name().equals("classifier.weight"))
            .mapToInt(Tensor::rows)
            .findFirst()
            .orElse(0)
        : 0;
  }

  /**
   * The configuration of the checkpoint in {@code folder}: its {@code config.json} or, where there
   * is none (a bare ONNX export), what the shapes of its tensors tell: then GELU, ε = 1e-12 as in
   * every published BERT and DistilBERT, and the number of heads from a table of published widths
   * (384: 12, as in MiniLM; 768: 12; 1024: 16; 128, 256, 512: one head for 64).
   *
   * @throws InputException if the architecture is no BERT or DistilBERT, a key is missing or holds
   *     what Assay cannot compute, or, without the file, the width is not in the table
   */
  public static ModelConfig of(Folder folder, Checkpoint checkpoint) throws IOException {
    if (folder.files().contains(FILE)) {
      try (ByteSource source = folder.open(FILE)) {
        return ConfigFile.read(source);
      }
    }
    return ConfigShapes.derive(checkpoint);
  }
}
