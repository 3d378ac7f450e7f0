package dev.assay.family;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * MPNet (Song et al., 2020): RoBERTa's positions and head, no token types, and a bias of
 * attention's scores by the distance of two tokens, one table for all blocks.
 */
final class Mpnet implements Architecture {
  private static final Pattern SIGN =
      Pattern.compile("(?:mpnet\\.)?encoder\\.layer\\.\\d+\\.attention\\.attn\\.q\\.weight");

  private static final Anatomy ANATOMY =
      Anatomy.encoder(
          new Embeddings(
              "embeddings.word_embeddings",
              Optional.of("embeddings.position_embeddings"),
              Optional.empty(),
              Optional.of("embeddings.LayerNorm")),
          new Blocks(
              "encoder.layer",
              Blocks.Order.POST_NORM,
              "attention",
              Map.of(
                  Role.QUERY, "attention.attn.q",
                  Role.KEY, "attention.attn.k",
                  Role.VALUE, "attention.attn.v",
                  Role.OUTPUT, "attention.attn.o",
                  Role.UP, "intermediate.dense",
                  Role.DOWN, "output.dense"),
              "attention.LayerNorm",
              "output.LayerNorm"),
          Roberta.CLASSIFIER);

  @Override
  public String type() {
    return "mpnet";
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
