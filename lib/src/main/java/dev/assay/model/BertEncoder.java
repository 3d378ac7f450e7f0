package dev.assay.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.global.torch;

/** BERT (Devlin et al., 2019) and what is built like it, MiniLM among them: names and shapes. */
final class BertEncoder {
  private static final String POOLER = "pooler.dense";
  private static final String CLASSIFIER = "classifier";

  private BertEncoder() {}

  static Network network(ModelConfig config, Parameters parameters) {
    String embeddings = parameters.inEncoder("embeddings.");
    int width = config.width();
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < config.layers(); i++) {
      blocks.add(block(parameters.inEncoder("encoder.layer." + i + "."), config, parameters));
    }
    return new Network(
        parameters.table(embeddings + "word_embeddings", config.vocabulary(), width),
        parameters.table(embeddings + "position_embeddings", config.positions(), width),
        Optional.of(parameters.table(embeddings + "token_type_embeddings", config.types(), width)),
        parameters.norm(embeddings + "LayerNorm", config),
        blocks,
        head(config, parameters));
  }

  private static Block block(String name, ModelConfig config, Parameters parameters) {
    int width = config.width();
    int intermediate = config.intermediate();
    return new Block(
        parameters.linear(name + "attention.self.query", width, width),
        parameters.linear(name + "attention.self.key", width, width),
        parameters.linear(name + "attention.self.value", width, width),
        parameters.linear(name + "attention.output.dense", width, width),
        parameters.norm(name + "attention.output.LayerNorm", config),
        parameters.linear(name + "intermediate.dense", intermediate, width),
        parameters.linear(name + "output.dense", width, intermediate),
        parameters.norm(name + "output.LayerNorm", config),
        config.heads(),
        config.activation());
  }

  private static Optional<Head> head(ModelConfig config, Parameters parameters) {
    String pooler = parameters.inEncoder(POOLER);
    if (!parameters.hasLinear(pooler) || !parameters.hasLinear(CLASSIFIER)) {
      return Optional.empty();
    }
    int width = config.width();
    int classes = parameters.outputs(CLASSIFIER);
    return Optional.of(
        new Head(
            parameters.linear(pooler, width, width),
            torch::tanh,
            parameters.linear(CLASSIFIER, classes, width),
            classes));
  }
}
