package dev.assay.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The encoders that can be run. They differ in their parameters' names, token types and heads. */
enum Architecture {
  /** BERT (Devlin et al., 2019) and what is built like it, MiniLM among them. */
  BERT(
      "encoder.layer.",
      List.of("attention.self.query", "attention.self.key", "attention.self.value"),
      "attention.output.dense",
      "attention.output.LayerNorm",
      "intermediate.dense",
      "output.dense",
      "output.LayerNorm",
      torch::tanh) {
    @Override
    String pooler(String prefix) {
      return prefix + "pooler.dense";
    }
  },

  /** DistilBERT (Sanh et al., 2019): no token types, and a pooler that belongs to the head. */
  DISTILBERT(
      "transformer.layer.",
      List.of("attention.q_lin", "attention.k_lin", "attention.v_lin"),
      "attention.out_lin",
      "sa_layer_norm",
      "ffn.lin1",
      "ffn.lin2",
      "output_layer_norm",
      torch::relu) {
    @Override
    String pooler(String prefix) {
      return "pre_classifier";
    }
  };

  /** Name of the linear that makes the logits. */
  static final String CLASSIFIER = "classifier";

  private final String blocks;
  private final List<String> queryKeyValue;
  private final String attentionOutput;
  private final String attentionNorm;
  private final String up;
  private final String down;
  private final String outputNorm;
  private final UnaryOperator<Tensor> headActivation;

  Architecture(
      String blocks,
      List<String> queryKeyValue,
      String attentionOutput,
      String attentionNorm,
      String up,
      String down,
      String outputNorm,
      UnaryOperator<Tensor> headActivation) {
    this.blocks = blocks;
    this.queryKeyValue = queryKeyValue;
    this.attentionOutput = attentionOutput;
    this.attentionNorm = attentionNorm;
    this.up = up;
    this.down = down;
    this.outputNorm = outputNorm;
    this.headActivation = headActivation;
  }

  /** The architecture of the model that {@code config} describes. */
  static Architecture of(ModelConfig config) {
    return config.modelType().equals("distilbert") ? DISTILBERT : BERT;
  }

  /**
   * Name of the linear that stands before the classifier.
   *
   * @param prefix what stands before the encoder's names
   */
  abstract String pooler(String prefix);

  /** The network that {@code config} describes. */
  Network network(ModelConfig config, Parameters parameters) {
    String embeddings = parameters.inEncoder("embeddings.");
    int width = config.width();
    List<Block> layers = new ArrayList<>();
    for (int i = 0; i < config.layers(); i++) {
      layers.add(block(parameters.inEncoder(blocks + i + "."), config, parameters));
    }
    return new Network(
        parameters.table(embeddings + "word_embeddings", config.vocabulary(), width),
        parameters.table(embeddings + "position_embeddings", config.positions(), width),
        this == DISTILBERT
            ? Optional.empty()
            : Optional.of(
                parameters.table(embeddings + "token_type_embeddings", config.types(), width)),
        parameters.norm(embeddings + "LayerNorm", config),
        layers,
        head(config, parameters));
  }

  private Block block(String name, ModelConfig config, Parameters parameters) {
    int width = config.width();
    int intermediate = config.intermediate();
    return new Block(
        parameters.linear(name + queryKeyValue.get(0), width, width),
        parameters.linear(name + queryKeyValue.get(1), width, width),
        parameters.linear(name + queryKeyValue.get(2), width, width),
        parameters.linear(name + attentionOutput, width, width),
        parameters.norm(name + attentionNorm, config),
        parameters.linear(name + up, intermediate, width),
        parameters.linear(name + down, width, intermediate),
        parameters.norm(name + outputNorm, config),
        config.heads(),
        config.activation());
  }

  private Optional<Head> head(ModelConfig config, Parameters parameters) {
    String pooler = pooler(parameters.inEncoder(""));
    if (!parameters.hasLinear(pooler) || !parameters.hasLinear(CLASSIFIER)) {
      return Optional.empty();
    }
    int width = config.width();
    int classes = parameters.outputs(CLASSIFIER);
    return Optional.of(
        new Head(
            parameters.linear(pooler, width, width),
            headActivation,
            parameters.linear(CLASSIFIER, classes, width),
            classes));
  }
}
