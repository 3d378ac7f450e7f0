package dev.assay.model;

import dev.assay.family.Anatomy;
import dev.assay.family.Attention;
import dev.assay.family.Blocks;
import dev.assay.family.Classifier;
import dev.assay.family.Embeddings;
import dev.assay.family.ModelConfig;
import dev.assay.family.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** Makes the network that a family's anatomy and a configuration describe. */
final class NetworkBuilder {
  private final ModelConfig config;
  private final Anatomy anatomy;
  private final Parameters parameters;

  private NetworkBuilder(ModelConfig config, Parameters parameters) {
    this.config = config;
    this.anatomy = config.family().anatomy();
    this.parameters = parameters;
  }

  static Network build(ModelConfig config, Parameters parameters) {
    return new NetworkBuilder(config, parameters).network();
  }

  private Network network() {
    Embeddings names = anatomy.embeddings();
    Attention attention = config.attention();
    Tensor words = table(names.words(), config.vocabulary(), config.width());
    Optional<Tensor> positions =
        names.positions().map(name -> table(name, config.positionRows(), config.width()));
    Optional<Tensor> types = names.types().map(name -> table(name, config.types(), config.width()));
    Optional<Norm> norm = names.norm().map(this::norm);
    Optional<Bias> bias =
        anatomy
            .distances()
            .map(
                name ->
                    new Bias(table(name, attention.distances().orElseThrow(), attention.heads())));
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < config.layers(); i++) {
      blocks.add(block(anatomy.blocks().list() + '.' + i + '.'));
    }
    return new Network(
        words,
        positions,
        config.padding(),
        types,
        norm,
        attention,
        bias,
        anatomy.causal(),
        blocks,
        anatomy.finalNorm().map(this::norm),
        anatomy.classifier().flatMap(this::head),
        anatomy.logits().flatMap(name -> logits(name, words)));
  }

  private Tensor table(String name, int rows, int cols) {
    return parameters.table(parameters.inBody(name), rows, cols);
  }

  private Norm norm(String name) {
    return parameters.norm(parameters.inBody(name), config);
  }

  private Block block(String block) {
    Blocks names = anatomy.blocks();
    Map<Role, String> linears = names.linears();
    Attention attention = config.attention();
    int width = config.width();
    int queries = attention.width();
    int keys = attention.keyValueWidth();
    List<EffectiveLinear> inputs =
        linears.containsKey(Role.QKV)
            ? List.of(linear(block, Role.QKV, queries + 2 * keys, width))
            : List.of(
                linear(block, Role.QUERY, queries, width),
                linear(block, Role.KEY, keys, width),
                linear(block, Role.VALUE, keys, width));
    SelfAttention attending =
        new SelfAttention(inputs, linear(block, Role.OUTPUT, width, queries), attention);
    Norm attentionNorm = norm(block + names.attentionNorm());
    int intermediate = config.intermediate();
    Optional<EffectiveLinear> gate =
        linears.containsKey(Role.GATE)
            ? Optional.of(linear(block, Role.GATE, intermediate, width))
            : Optional.empty();
    FeedForward feedForward =
        new FeedForward(
            gate,
            linear(block, Role.UP, intermediate, width),
            linear(block, Role.DOWN, width, intermediate),
            config.activation());
    return new Block(
        names.order(),
        attending,
        attentionNorm,
        feedForward,
        norm(block + names.feedForwardNorm()));
  }

  private EffectiveLinear linear(String block, Role role, int out, int in) {
    String module = parameters.inBody(block + anatomy.blocks().linears().get(role));
    return config.biased().contains(role)
        ? parameters.linear(module, out, in)
        : parameters.linearWithoutBias(module, out, in);
  }

  private Optional<Head> head(Classifier classifier) {
    int classes = parameters.classes(config);
    if (classes == 0) {
      return Optional.empty();
    }
    int width = config.width();
    String dense = Classes.dense(classifier, parameters.inBody(""));
    return Optional.of(
        new Head(
            parameters.linear(dense, width, width),
            classifier.activation(),
            parameters.linear(classifier.out(), classes, width),
            classes));
  }

  /** Without one, and not tied, the checkpoint is a body alone. */
  private Optional<EffectiveLinear> logits(String name, Tensor words) {
    if (config.tied()) {
      return Optional.of(parameters.tied(parameters.inBody(anatomy.embeddings().words()), words));
    }
    return parameters.has(name)
        ? Optional.of(parameters.linearWithoutBias(name, config.vocabulary(), config.width()))
        : Optional.empty();
  }
}
