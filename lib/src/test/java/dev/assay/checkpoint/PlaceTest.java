package dev.assay.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlaceTest {
  @ParameterizedTest
  @CsvSource({
    "encoder.layer.3.attention.self.query, 3, encoder.layer.3.attention, query",
    "bert.encoder.layer.11.attention.self.value, 11, bert.encoder.layer.11.attention, value",
    "bert.encoder.layer.0.attention.output.dense, 0, bert.encoder.layer.0.attention, output",
    "encoder.layer.0.intermediate.dense, 0, encoder.layer.0.mlp, up",
    "encoder.layer.0.output.dense, 0, encoder.layer.0.mlp, down",
    "distilbert.transformer.layer.5.attention.k_lin, 5, distilbert.transformer.layer.5.attention, key",
    "distilbert.transformer.layer.5.attention.out_lin, 5, distilbert.transformer.layer.5.attention, output",
    "transformer.layer.1.ffn.lin2, 1, transformer.layer.1.mlp, down",
    "model.layers.31.self_attn.q_proj, 31, model.layers.31.self_attn, query",
    "model.layers.0.mlp.gate_proj, 0, model.layers.0.mlp, gate",
    "model.layers.0.mlp.down_proj, 0, model.layers.0.mlp, down",
    "model.decoder.layers.2.self_attn.out_proj, 2, model.decoder.layers.2.self_attn, output",
    "model.decoder.layers.2.fc1, 2, model.decoder.layers.2.mlp, up",
    "transformer.h.7.attn.c_attn, 7, transformer.h.7.attn, qkv",
    "h.7.mlp.c_proj, 7, h.7.mlp, down",
    "gpt_neox.layers.1.attention.query_key_value, 1, gpt_neox.layers.1.attention, qkv",
    "encoder.block.0.layer.1.DenseReluDense.wi, 0, encoder.block.0.layer.1.DenseReluDense.wi, wi",
    "model.layers.4.block_sparse_moe.experts.2.w1, 4, model.layers.4.block_sparse_moe.experts.2.w1, w1"
  })
  void linearsOfBlocks(String stem, int layer, String site, String matrix) {
    assertThat(Place.of(stem + ".weight")).isEqualTo(new Place(layer, site, matrix));
    assertThat(Place.isBlockLinear(stem + ".weight")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "embeddings.word_embeddings.weight",
        "bert.embeddings.position_embeddings.weight",
        "bert.pooler.dense.weight",
        "classifier.weight",
        "pre_classifier.weight",
        "classifier.0.dense.weight",
        "lm_head.weight",
        "cls.predictions.transform.dense.weight",
        "0.weight",
        "2.linear.weight",
        "model.embed_tokens.weight",
        "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
        "model.layers.0.input_layernorm.weight",
        "encoder.layer.0.output.LayerNorm.bias",
        ""
      })
  void everythingElse(String name) {
    assertThat(Place.isBlockLinear(name)).isFalse();
  }

  @Test
  void outsideTheBlocksThereIsNoLayer() {
    assertThat(Place.of("bert.pooler.dense.weight"))
        .isEqualTo(new Place(-1, "bert.pooler.dense", "dense"));
    assertThat(Place.of("classifier.weight")).isEqualTo(new Place(-1, "classifier", "classifier"));
    assertThat(Place.of("x")).isEqualTo(new Place(-1, "x", "x"));
  }

  @Test
  void aNumberTooLargeForALayerIsNone() {
    assertThat(Place.of("a.12345678901234567890.b.weight").layer()).isEqualTo(-1);
  }
}
