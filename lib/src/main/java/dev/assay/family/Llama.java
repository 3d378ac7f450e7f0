package dev.assay.family;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Llama (Touvron et al., 2023; Llama 3, 2024): RMSNorm, rotary positions, query heads that share
 * key and value heads, a gated feed-forward layer.
 */
final class Llama implements Architecture {
  private static final Anatomy ANATOMY =
      Anatomy.decoder(
          new Embeddings("embed_tokens", Optional.empty(), Optional.empty(), Optional.empty()),
          new Blocks(
              "layers",
              Blocks.Order.PRE_NORM,
              "self_attn",
              Map.of(
                  Role.QUERY, "self_attn.q_proj",
                  Role.KEY, "self_attn.k_proj",
                  Role.VALUE, "self_attn.v_proj",
                  Role.OUTPUT, "self_attn.o_proj",
                  Role.GATE, "mlp.gate_proj",
                  Role.UP, "mlp.up_proj",
                  Role.DOWN, "mlp.down_proj"),
              "input_layernorm",
              "post_attention_layernorm"),
          Anatomy.Norms.RMS_NORM,
          "norm",
          "lm_head");

  @Override
  public String type() {
    return "llama";
  }

  @Override
  public String className() {
    return "Llama";
  }

  @Override
  public String base() {
    return "model";
  }

  @Override
  public Anatomy anatomy() {
    return ANATOMY;
  }

  @Override
  public ModelConfig config(Keys keys) {
    int width = keys.size("hidden_size");
    int heads = keys.size("num_attention_heads");
    int keyValueHeads = keys.size("num_key_value_heads", heads);
    if (heads % keyValueHeads != 0) {
      throw keys.bad(
          "num_attention_heads = "
              + heads
              + " is not a multiple of num_key_value_heads = "
              + keyValueHeads);
    }
    int headWidth =
        keys.has("head_dim")
            ? keys.size("head_dim")
            : width / keys.heads("num_attention_heads", "hidden_size");
    if (headWidth % 2 != 0) {
      throw keys.bad("head_dim = " + headWidth + " is odd, and channels turn in pairs");
    }
    return new ModelConfig(
        type(),
        keys.size("vocab_size"),
        width,
        keys.size("num_hidden_layers"),
        new Attention(
            heads, keyValueHeads, headWidth, Optional.of(rotary(keys)), OptionalInt.empty()),
        keys.size("intermediate_size"),
        keys.size("max_position_embeddings", 2048),
        OptionalInt.empty(),
        0,
        keys.epsilon("rms_norm_eps", 1e-6),
        keys.activation("hidden_act", Activation.SILU),
        biased(keys.flag("attention_bias", false), keys.flag("mlp_bias", false)),
        keys.flag("tie_word_embeddings", false),
        keys.labels());
  }

  private static SortedSet<Role> biased(boolean attention, boolean feedForward) {
    SortedSet<Role> biased = new TreeSet<>(List.of(Role.values()));
    biased.removeIf(role -> role.attends() ? !attention : !feedForward);
    return biased;
  }

  /** {@code rope_parameters} of Transformers 5, or {@code rope_theta} and {@code rope_scaling}. */
  private static Rotary rotary(Keys keys) {
    Optional<Keys> parameters = keys.object("rope_parameters");
    Keys scaling = parameters.or(() -> keys.object("rope_scaling")).orElse(keys);
    double theta =
        parameters
            .filter(keysWithin -> keysWithin.has("rope_theta"))
            .orElse(keys)
            .positive("rope_theta", 10_000);
    String type =
        scaling == keys ? "default" : scaling.text("rope_type", scaling.text("type", "default"));
    return new Rotary(
        theta,
        switch (type) {
          case "default" -> new Rotary.Unscaled();
          case "linear" -> new Rotary.Linear(scaling.positive("factor", 1));
          case "llama3" ->
              new Rotary.Llama3(
                  scaling.positive("factor", 8),
                  scaling.positive("low_freq_factor", 1),
                  scaling.positive("high_freq_factor", 4),
                  scaling.size("original_max_position_embeddings"));
          default ->
              throw keys.bad(
                  "The rope_type "
                      + type
                      + " is not one that can be computed: default, linear, llama3");
        });
  }

  /** Never: many families have its names. */
  @Override
  public boolean recognizes(Map<String, List<Long>> shapes) {
    return false;
  }
}
