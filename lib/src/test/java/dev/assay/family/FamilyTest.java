package dev.assay.family;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FamilyTest {
  private static final Family ANY = Families.of("a-model-of-tomorrow");

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
  void linearsOfBlocks(String stem, int layer, String site, String role) {
    Place place = ANY.place(stem + ".weight");
    assertThat(place.layer()).isEqualTo(layer);
    assertThat(place.site()).isEqualTo(site);
    assertThat(place.role()).isEqualTo(role);
    assertThat(ANY.isBlockLinear(stem + ".weight")).isTrue();
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
    assertThat(ANY.isBlockLinear(name)).isFalse();
  }

  @Test
  void outsideTheBlocksThereIsNoLayer() {
    assertThat(ANY.place("bert.pooler.dense.weight"))
        .isEqualTo(new Place(-1, "bert.pooler.dense", "dense", "bert.pooler.dense.input"));
    assertThat(ANY.place("classifier.weight"))
        .isEqualTo(new Place(-1, "classifier", "classifier", "classifier.classifier.input"));
    assertThat(ANY.place("x")).isEqualTo(new Place(-1, "x", "x", "x.x.input"));
  }

  @Test
  void aNumberTooLargeForALayerIsNone() {
    assertThat(ANY.place("a.12345678901234567890.b.weight").layer()).isEqualTo(-1);
  }

  @ParameterizedTest
  @CsvSource({
    "bert.encoder.layer.3.attention.self.query, bert.encoder.layer.3.attention.input",
    "bert.encoder.layer.3.attention.self.value, bert.encoder.layer.3.attention.input",
    "bert.encoder.layer.3.attention.output.dense, bert.encoder.layer.3.attention.output.input",
    "encoder.layer.0.attention.attn.k, encoder.layer.0.attention.input",
    "encoder.layer.0.output.dense, encoder.layer.0.mlp.down.input",
    "model.layers.0.mlp.gate_proj, model.layers.0.mlp.input",
    "model.layers.0.mlp.up_proj, model.layers.0.mlp.input",
    "transformer.h.7.attn.c_attn, transformer.h.7.attn.input",
    "model.decoder.layers.2.encoder_attn.q_proj, model.decoder.layers.2.encoder_attn.input",
    "model.decoder.layers.2.encoder_attn.k_proj, model.decoder.layers.2.encoder_attn.memory",
    "encoder.layer.1.crossattention.self.value, encoder.layer.1.crossattention.memory",
    "encoder.block.0.layer.1.DenseReluDense.wi, encoder.block.0.layer.1.DenseReluDense.wi.input"
  })
  void whatAMatrixReads(String stem, String input) {
    assertThat(ANY.place(stem + ".weight").input()).isEqualTo(input);
  }

  @Test
  void groupsOfAnEncoder() {
    String block = "bert.encoder.layer.2.";
    assertThat(Families.of("bert").groups(weights(block, Bert.BLOCKS.linears().values())))
        .containsExactly(
            new Group(
                Group.Kind.QUERY_KEY_VALUE,
                block + "attention",
                weights(
                    block,
                    List.of("attention.self.query", "attention.self.key", "attention.self.value"))),
            new Group(
                Group.Kind.VALUE_OUTPUT,
                block + "attention",
                weights(block, List.of("attention.self.value", "attention.output.dense"))),
            new Group(
                Group.Kind.UP_DOWN,
                block + "mlp",
                weights(block, List.of("intermediate.dense", "output.dense"))));
  }

  @Test
  void aGateBelongsToItsGroup() {
    List<String> mlp = weights("model.layers.0.mlp.", List.of("gate_proj", "up_proj", "down_proj"));
    assertThat(Families.of("llama").groups(mlp))
        .containsExactly(new Group(Group.Kind.UP_DOWN, "model.layers.0.mlp", mlp));
  }

  @Test
  void noGroupLacksAMemberOrReadsTwoInputs() {
    assertThat(ANY.groups(weights("encoder.layer.0.attention.self.", List.of("query", "key"))))
        .isEmpty();
    assertThat(
            ANY.groups(
                weights(
                    "decoder.layers.0.encoder_attn.",
                    List.of("q_proj", "k_proj", "v_proj", "out_proj"))))
        .extracting(Group::kind)
        .containsExactly(Group.Kind.VALUE_OUTPUT);
    // Its value is a third of c_attn, which is a unit by itself.
    assertThat(
            Families.of("gpt2")
                .groups(weights("h.0.", List.of("attn.c_attn", "attn.c_proj", "mlp.c_fc"))))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "bert, bert.encoder.layer.0.attention.self.key, bert.embeddings.LayerNorm, NORM",
    "bert, bert.encoder.layer.3.attention.self.key, bert.encoder.layer.2.output.LayerNorm, NORM",
    "bert, encoder.layer.3.attention.output.dense, encoder.layer.3.attention.self.value, HEADS",
    "bert, encoder.layer.3.intermediate.dense, encoder.layer.3.attention.output.LayerNorm, NORM",
    "bert, encoder.layer.3.output.dense, encoder.layer.3.intermediate.dense, ACTIVATION",
    "distilbert, transformer.layer.1.attention.q_lin, transformer.layer.0.output_layer_norm, NORM",
    "mpnet, encoder.layer.1.intermediate.dense, encoder.layer.1.attention.LayerNorm, NORM",
    "llama, model.layers.2.self_attn.v_proj, model.layers.2.input_layernorm, NORM",
    "llama, model.layers.2.mlp.gate_proj, model.layers.2.post_attention_layernorm, NORM",
    "llama, model.layers.2.mlp.down_proj, model.layers.2.mlp.up_proj, GATE",
    "gpt2, transformer.h.0.attn.c_attn, transformer.h.0.ln_1, NORM",
    "gpt2, transformer.h.0.attn.c_proj, transformer.h.0.attn.c_attn, HEADS"
  })
  void whatFeedsALinear(String type, String linear, String module, Feed.Through through) {
    assertThat(Families.of(type).feed(linear + ".weight")).contains(new Feed(module, through));
  }

  @Test
  void whatFeedsOthersIsNotKnown() {
    assertThat(Families.of("bert").feed("bert.pooler.dense.weight")).isEmpty();
    assertThat(ANY.feed("model.layers.2.mlp.down_proj.weight")).isEmpty();
  }

  private static List<String> weights(String before, Collection<String> modules) {
    return Stream.of(modules.toArray(String[]::new)).map(m -> before + m + ".weight").toList();
  }
}
