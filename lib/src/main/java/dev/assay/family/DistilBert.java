package dev.assay.family;

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
  public Anatomy anatomy() {
    return ANATOMY;
  }

  @Override
  public boolean recognizes(Map<String, List<Long>> shapes) {
    return shapes.keySet().stream().anyMatch(name -> SIGN.matcher(name).matches());
  }
}
