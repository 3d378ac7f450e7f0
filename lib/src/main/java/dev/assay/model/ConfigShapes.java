package dev.assay.model;

import dev.assay.InputException;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a checkpoint without {@code config.json} tells by its tensors' names and shapes. */
final class ConfigShapes {
  /** ε of LayerNorm in BERT and DistilBERT as published. */
  static final double EPSILON = 1e-12;

  /**
   * Width to number of heads, which no shape tells: BERT-base and -large (Devlin et al., 2019), its
   * miniatures (Turc et al., 2019), MiniLM-L6 and -L12 (Wang et al., 2020).
   */
  private static final Map<Integer, Integer> HEADS =
      Map.of(128, 2, 256, 4, 384, 12, 512, 8, 768, 12, 1024, 16);

  private static final String FIX =
      "Put the " + ModelConfig.FILE + " of the original model into the folder.";

  private final Checkpoint checkpoint;

  private ConfigShapes(Checkpoint checkpoint) {
    this.checkpoint = checkpoint;
  }

  static ModelConfig derive(Checkpoint checkpoint) {
    ConfigShapes shapes = new ConfigShapes(checkpoint);
    return switch (checkpoint.modelType()) {
      case "bert" -> shapes.config("encoder.layer.", "intermediate.dense.weight");
      case "distilbert" -> shapes.config("transformer.layer.", "ffn.lin1.weight");
      default -> throw ConfigFile.notRun(checkpoint.path(), checkpoint.modelType());
    };
  }

  private ModelConfig config(String block, String up) {
    Tensor words = matrix("embeddings.word_embeddings.weight");
    Tensor positions = matrix("embeddings.position_embeddings.weight");
    Optional<Tensor> types = find("embeddings.token_type_embeddings.weight");
    Integer heads = HEADS.get(words.cols());
    if (heads == null) {
      throw new InputException(
          checkpoint.path(),
          "Has no "
              + ModelConfig.FILE
              + ", and how many attention heads its width of "
              + words.cols()
              + " has cannot be told",
          FIX);
    }
    int layers = 0;
    while (find(block + layers + "." + up).isPresent()) {
      layers++;
    }
    Tensor intermediate = matrix(block + "0." + up);
    List<String> labels =
        find("classifier.weight").map(head -> ConfigFile.unnamed(head.rows())).orElse(List.of());
    return new ModelConfig(
        checkpoint.modelType(),
        words.rows(),
        words.cols(),
        layers,
        heads,
        intermediate.rows(),
        positions.rows(),
        types.map(Tensor::rows).orElse(0),
        EPSILON,
        Activation.GELU,
        labels);
  }

  private Tensor matrix(String end) {
    return find(end)
        .orElseThrow(
            () ->
                new InputException(
                    checkpoint.path(),
                    "Has neither " + ModelConfig.FILE + " nor a tensor " + end,
                    FIX));
  }

  private Optional<Tensor> find(String end) {
    return checkpoint.matrices().stream()
        .filter(tensor -> tensor.name().equals(end) || tensor.name().endsWith("." + end))
        .findFirst();
  }
}
