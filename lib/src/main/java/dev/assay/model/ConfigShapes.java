package dev.assay.model;

import dev.assay.InputException;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Tensor;
import dev.assay.family.Architecture;
import dev.assay.family.Embeddings;
import dev.assay.family.Keys;
import dev.assay.family.ModelConfig;
import dev.assay.family.Published;
import dev.assay.family.Role;
import java.util.List;
import java.util.Optional;

/** What a checkpoint without {@code config.json} tells by its tensors' names and shapes. */
final class ConfigShapes {
  private static final String FIX =
      "Put the " + ConfigFile.NAME + " of the original model into the folder.";

  private final Checkpoint checkpoint;

  private ConfigShapes(Checkpoint checkpoint) {
    this.checkpoint = checkpoint;
  }

  static ModelConfig derive(Checkpoint checkpoint, Architecture family) {
    Published published =
        family
            .published()
            .orElseThrow(
                () ->
                    new InputException(
                        checkpoint.path(),
                        "Has no "
                            + ConfigFile.NAME
                            + ", without which a model of type "
                            + family.type()
                            + " cannot be run",
                        FIX));
    return new ConfigShapes(checkpoint).config(family, published);
  }

  private ModelConfig config(Architecture family, Published published) {
    Embeddings embeddings = family.anatomy().embeddings();
    Tensor words = matrix(embeddings.words());
    Tensor positions = matrix(embeddings.positions().orElseThrow());
    Optional<Tensor> types = embeddings.types().flatMap(this::find);
    Integer heads = published.heads().get(words.cols());
    if (heads == null) {
      throw new InputException(
          checkpoint.path(),
          "Has no "
              + ConfigFile.NAME
              + ", and how many attention heads its width of "
              + words.cols()
              + " has cannot be told",
          FIX);
    }
    String list = family.anatomy().blocks().list() + '.';
    String up = '.' + family.anatomy().blocks().linears().get(Role.UP);
    int layers = 0;
    while (find(list + layers + up).isPresent()) {
      layers++;
    }
    Tensor intermediate = matrix(list + 0 + up);
    int classes = Classes.of(checkpoint);
    List<String> labels = classes > 0 ? Keys.unnamed(classes) : List.of();
    return ModelConfig.encoder(
        family.type(),
        words.rows(),
        words.cols(),
        layers,
        heads,
        intermediate.rows(),
        positions.rows(),
        types.map(Tensor::rows).orElse(0),
        published.epsilon(),
        published.activation(),
        labels);
  }

  private Tensor matrix(String module) {
    return find(module)
        .orElseThrow(
            () ->
                new InputException(
                    checkpoint.path(),
                    "Has neither " + ConfigFile.NAME + " nor a tensor " + module + ".weight",
                    FIX));
  }

  private Optional<Tensor> find(String module) {
    String end = module + ".weight";
    return checkpoint.matrices().stream()
        .filter(tensor -> tensor.name().equals(end) || tensor.name().endsWith("." + end))
        .findFirst();
  }
}
