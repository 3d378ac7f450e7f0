package dev.assay.family;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** DistilBERT (Sanh et al., 2019): no token types, and a pooler that belongs to the head. */
final class DistilBert implements Architecture {
  private static final Pattern SIGN =
      Pattern.compile("(?:distilbert\\.)?transformer\\.layer\\.\\d+\\.attention\\.q_lin\\.weight");

  private static final Anatomy ANATOMY =
      Anatomy.encoder(
          new Embeddings(
              "embeddings.word_embeddings",
              Optional.of("embeddings.position_embeddings"),
              Optional.empty(),
              Optional.of("embeddings.LayerNorm")),
          new Blocks(
              "transformer.layer",
              Blocks.Order.POST_NORM,
              "attention",
              Map.of(
                  Role.QUERY, "attention.q_lin",
                  Role.KEY, "attention.k_lin",
                  Role.VALUE, "attention.v_lin",
                  Role.OUTPUT, "attention.out_lin",
                  Role.UP, "ffn.lin1",
                  Role.DOWN, "ffn.lin2"),
              "sa_layer_norm",
              "output_layer_norm"),
          new Classifier("pre_classifier", false, Activation.RELU, "classifier"));

  @Override
  public String type() {
    return "distilbert";
  }

  @Override
  public String className() {
    return "DistilBert";
  }

  @Override
  public String base() {
    return "distilbert";
  }

  @Override
  public Anatomy anatomy() {
    return ANATOMY;
  }

  @Override
  public ModelConfig config(Keys keys) {
    return ModelConfig.encoder(
        type(),
        keys.size("vocab_size"),
        keys.size("dim"),
        keys.size("n_layers"),
        keys.heads("n_heads", "dim"),
        keys.size("hidden_dim"),
        keys.size("max_position_embeddings"),
        0,
        Published.BERT.epsilon(),
        keys.activation("activation", Activation.GELU),
        keys.labels());
  }

  @Override
  public Map<String, Object> keys(ModelConfig config) {
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("dim", config.width());
    keys.put("n_layers", config.layers());
    keys.put("n_heads", config.attention().heads());
    keys.put("hidden_dim", config.intermediate());
    keys.put("activation", config.activation().id());
    keys.put("sinusoidal_pos_embds", false);
    return keys;
  }

  @Override
  public Optional<Published> published() {
    return Optional.of(Published.BERT);
  }

  @Override
  public boolean recognizes(Map<String, List<Long>> shapes) {
    return shapes.keySet().stream().anyMatch(name -> SIGN.matcher(name).matches());
  }
}
