package dev.assay.export;

import dev.assay.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/** The parameters that Transformers expects of an encoder without a head, without a prefix. */
final class EncoderNames {
  private static final List<String> BERT_LINEARS =
      List.of(
          "attention.self.query",
          "attention.self.key",
          "attention.self.value",
          "attention.output.dense",
          "attention.output.LayerNorm",
          "intermediate.dense",
          "output.dense",
          "output.LayerNorm");

  private static final List<String> DISTILBERT_LINEARS =
      List.of(
          "attention.q_lin",
          "attention.k_lin",
          "attention.v_lin",
          "attention.out_lin",
          "sa_layer_norm",
          "ffn.lin1",
          "ffn.lin2",
          "output_layer_norm");

  private EncoderNames() {}

  /** Names of all parameters; BERT's pooler, which not every use needs, is not among them. */
  static List<String> of(ModelConfig config) {
    boolean distil = config.modelType().equals("distilbert");
    List<String> names = new ArrayList<>();
    names.add("embeddings.word_embeddings.weight");
    names.add("embeddings.position_embeddings.weight");
    if (!distil) {
      names.add("embeddings.token_type_embeddings.weight");
    }
    module(names, "embeddings.LayerNorm");
    for (int i = 0; i < config.layers(); i++) {
      String block = (distil ? "transformer.layer." : "encoder.layer.") + i + ".";
      for (String module : distil ? DISTILBERT_LINEARS : BERT_LINEARS) {
        module(names, block + module);
      }
    }
    return names;
  }

  private static void module(List<String> names, String module) {
    names.add(module + ".weight");
    names.add(module + ".bias");
  }
}
