package dev.assay.family;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * GPT-2 (Radford et al., 2019): LayerNorm, learned positions, query, key and value in one matrix,
 * and weights that lie in × out.
 */
final class Gpt2 implements Architecture {
  private static final Pattern CONV1D =
      Pattern.compile("(?:.*\\.)?h\\.\\d+\\..*\\b(?:c_attn|q_attn|c_proj|c_fc)\\.weight");

  private static final Anatomy ANATOMY =
      Anatomy.decoder(
          new Embeddings("wte", Optional.of("wpe"), Optional.empty(), Optional.empty()),
          new Blocks(
              "h",
              Blocks.Order.PRE_NORM,
              "attn",
              Map.of(
                  Role.QKV, "attn.c_attn",
                  Role.OUTPUT, "attn.c_proj",
                  Role.UP, "mlp.c_fc",
                  Role.DOWN, "mlp.c_proj"),
              "ln_1",
              "ln_2"),
          Anatomy.Norms.LAYER_NORM,
          "ln_f",
          "lm_head");

  @Override
  public String type() {
    return "gpt2";
  }

  @Override
  public String className() {
    return "GPT2";
  }

  @Override
  public String base() {
    return "transformer";
  }

  @Override
  public Anatomy anatomy() {
    return ANATOMY;
  }

  @Override
  public ModelConfig config(Keys keys) {
    keys.must("add_cross_attention", "false");
    keys.must("scale_attn_weights", "true");
    keys.must("scale_attn_by_inverse_layer_idx", "false");
    int width = keys.size("n_embd");
    return new ModelConfig(
        type(),
        keys.size("vocab_size"),
        width,
        keys.size("n_layer"),
        Attention.plain(keys.heads("n_head", "n_embd"), width),
        keys.has("n_inner") ? keys.size("n_inner") : Math.multiplyExact(4, width),
        keys.size("n_positions", 1024),
        OptionalInt.empty(),
        0,
        keys.epsilon("layer_norm_epsilon", 1e-5),
        keys.activation("activation_function", Activation.GELU_TANH),
        new TreeSet<>(List.of(Role.values())),
        keys.flag("tie_word_embeddings", true),
        keys.labels());
  }

  /** By its query, key and value: in × 3·in; where Conv1D became a linear it is out × in. */
  @Override
  public boolean recognizes(Map<String, List<Long>> shapes) {
    return shapes.entrySet().stream()
        .anyMatch(
            entry -> {
              List<Long> shape = entry.getValue();
              return entry.getKey().endsWith(".attn.c_attn.weight")
                  && shape.size() == 2
                  && shape.get(0) > 0
                  && shape.get(1) / 3 == shape.get(0)
                  && shape.get(1) % 3 == 0;
            });
  }

  @Override
  public boolean storesInOut(String tensorName) {
    return isConv1d(tensorName);
  }

  /** Whether a name is that of a Conv1D's weight. */
  static boolean isConv1d(String tensorName) {
    return CONV1D.matcher(tensorName).matches();
  }
}
