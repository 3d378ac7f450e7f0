package dev.assay.family;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * MPNet (Song et al., 2020): RoBERTa's positions and head, no token types, and a bias of
 * attention's scores by the distance of two tokens, one table for all blocks.
 */
final class Mpnet implements Architecture {
  private static final Pattern SIGN =
      Pattern.compile("(?:mpnet\\.)?encoder\\.layer\\.\\d+\\.attention\\.attn\\.q\\.weight");

  private static final int NO_TYPES = 0;
  private static final int BUCKETS = 32;

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
              Roberta.CLASSIFIER)
          .withDistances("encoder.relative_attention_bias");

  @Override
  public String type() {
    return "mpnet";
  }

  @Override
  public String className() {
    return "MPNet";
  }

  @Override
  public String base() {
    return "mpnet";
  }

  @Override
  public Anatomy anatomy() {
    return ANATOMY;
  }

  @Override
  public ModelConfig config(Keys keys) {
    // The padding's id is not read: Transformers' MPNet has 1, whatever the file says.
    ModelConfig config =
        Roberta.counted(keys, Bert.config(keys, type(), NO_TYPES), Roberta.PADDING);
    Attention plain = config.attention();
    int buckets = keys.size("relative_attention_num_buckets", BUCKETS);
    if (buckets % 4 != 0) {
      throw keys.bad("relative_attention_num_buckets = " + buckets + " is not a multiple of 4");
    }
    return config.attending(
        new Attention(
            plain.heads(),
            plain.keyValueHeads(),
            plain.headWidth(),
            plain.rotary(),
            OptionalInt.of(buckets)));
  }

  @Override
  public Map<String, Object> keys(ModelConfig config) {
    Map<String, Object> keys = Bert.sizes(config);
    keys.put("relative_attention_num_buckets", config.attention().distances().orElse(BUCKETS));
    keys.put("pad_token_id", Roberta.PADDING);
    return keys;
  }

  @Override
  public boolean pools() {
    return true;
  }

  @Override
  public boolean recognizes(Map<String, List<Long>> shapes) {
    return shapes.keySet().stream().anyMatch(name -> SIGN.matcher(name).matches());
  }
}
