package dev.assay.family;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** BERT (Devlin et al., 2019) and what is built like it, MiniLM among them. */
final class Bert implements Architecture {
  private static final Pattern SIGN =
      Pattern.compile("(?:bert\\.)?encoder\\.layer\\.\\d+\\.attention\\.self\\.query\\.weight");

  /** The blocks of BERT, which others have too. */
  static final Blocks BLOCKS =
      new Blocks(
          "encoder.layer",
          Blocks.Order.POST_NORM,
          "attention",
          Map.of(
              Role.QUERY, "attention.self.query",
              Role.KEY, "attention.self.key",
              Role.VALUE, "attention.self.value",
              Role.OUTPUT, "attention.output.dense",
              Role.UP, "intermediate.dense",
              Role.DOWN, "output.dense"),
          "attention.output.LayerNorm",
          "output.LayerNorm");

  static final Embeddings EMBEDDINGS =
      new Embeddings(
          "embeddings.word_embeddings",
          Optional.of("embeddings.position_embeddings"),
          Optional.of("embeddings.token_type_embeddings"),
          Optional.of("embeddings.LayerNorm"));

  private static final Anatomy ANATOMY =
      Anatomy.encoder(
          EMBEDDINGS, BLOCKS, new Classifier("pooler.dense", true, Activation.TANH, "classifier"));

  @Override
  public String type() {
    return "bert";
  }

  @Override
  public String className() {
    return "Bert";
  }

  @Override
  public String base() {
    return "bert";
  }

  @Override
  public Anatomy anatomy() {
    return ANATOMY;
  }

  @Override
  public ModelConfig config(Keys keys) {
    keys.must("is_decoder", "false");
    return config(keys, type(), keys.size("type_vocab_size", 2));
  }

  /** The configuration of a family that calls its keys like BERT. */
  static ModelConfig config(Keys keys, String type, int types) {
    keys.must("position_embedding_type", "absolute");
    return ModelConfig.encoder(
        type,
        keys.size("vocab_size"),
        keys.size("hidden_size"),
        keys.size("num_hidden_layers"),
        keys.heads("num_attention_heads", "hidden_size"),
        keys.size("intermediate_size"),
        keys.size("max_position_embeddings"),
        types,
        keys.epsilon("layer_norm_eps", Published.BERT.epsilon()),
        keys.activation("hidden_act", Activation.GELU),
        keys.labels());
  }

  @Override
  public Map<String, Object> keys(ModelConfig config) {
    Map<String, Object> keys = sizes(config);
    keys.put("type_vocab_size", config.types());
    return keys;
  }

  /** What {@link #config(Keys, String, int)} reads, but types. */
  static Map<String, Object> sizes(ModelConfig config) {
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("hidden_size", config.width());
    keys.put("num_hidden_layers", config.layers());
    keys.put("num_attention_heads", config.attention().heads());
    keys.put("intermediate_size", config.intermediate());
    keys.put("hidden_act", config.activation().id());
    keys.put("layer_norm_eps", config.epsilon());
    return keys;
  }

  @Override
  public Optional<Published> published() {
    return Optional.of(Published.BERT);
  }

  @Override
  public boolean readsTypes() {
    return true;
  }

  @Override
  public boolean pools() {
    return true;
  }

  @Override
  public boolean recognizes(Map<String, List<Long>> shapes) {
    return shapes.keySet().stream().anyMatch(name -> SIGN.matcher(name).matches());
  }
}
