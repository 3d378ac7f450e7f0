package dev.assay.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.global.torch;

/** DistilBERT (Sanh et al., 2019): BERT without token types and pooler, under names of its own. */
final class DistilBertEncoder {
  private static final String PRE_CLASSIFIER = "pre_classifier";
  private static final String CLASSIFIER = "classifier";

  private DistilBertEncoder() {}

  static Network network(ModelConfig config, Parameters parameters) {
    String embeddings = parameters.inEncoder("embeddings.");
    int width = config.width();
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < config.layers(); i++) {
      blocks.add(block(parameters.inEncoder("transformer.layer." + i + "."), config, parameters));
    }
    return new Network(
        parameters.table(embeddings + "word_embeddings", config.vocabulary(), width),
        parameters.table(embeddings + "position_embeddings", config.positions(), width),
        Optional.empty(),
        parameters.norm(embeddings + "LayerNorm", config),
        blocks,
        head(config, parameters));
  }

  private static Block block(String name, ModelConfig config, Parameters parameters) {
    int width = config.width();
    int intermediate = config.intermediate();
    return new Block(
        parameters.linear(name + "attention.q_lin", width, width),
        parameters.linear(name + "attention.k_lin", width, width),
        parameters.linear(name + "attention.v_lin", width, width),
        parameters.linear(name + "attention.out_lin", width, width),
        parameters.norm(name + "sa_layer_norm", config),
        parameters.linear(name + "ffn.lin1", intermediate, width),
        parameters.linear(name + "ffn.lin2", width, intermediate),
        parameters.norm(name + "output_layer_norm", config),
        config.heads(),
        config.activation());
  }

  private static Optional<Head> head(ModelConfig config, Parameters parameters) {
    if (!parameters.hasLinear(PRE_CLASSIFIER) || !parameters.hasLinear(CLASSIFIER)) {
      return Optional.empty();
    }
    int width = config.width();
    int classes = parameters.outputs(CLASSIFIER);
    return Optional.of(
        new Head(
            parameters.linear(PRE_CLASSIFIER, width, width),
            torch::relu,
            parameters.linear(CLASSIFIER, classes, width),
            classes));
  }
}
