package dev.assay.family;

import java.util.List;
import java.util.Map;
import java.util.Optional;

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
          "norm",
          "lm_head");

  @Override
  public String type() {
    return "llama";
  }

  @Override
  public Anatomy anatomy() {
    return ANATOMY;
  }

  /** Never: many families have its names. */
  @Override
  public boolean recognizes(Map<String, List<Long>> shapes) {
    return false;
  }
}
