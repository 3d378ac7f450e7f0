package dev.assay.family;

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
  public Anatomy anatomy() {
    return ANATOMY;
  }

  @Override
  public boolean recognizes(Map<String, List<Long>> shapes) {
    return shapes.keySet().stream().anyMatch(name -> SIGN.matcher(name).matches());
  }
}
