package dev.assay.family;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * RoBERTa (Liu et al., 2019): BERT's blocks, positions counted from behind the padding's id, and a
 * head of its own.
 */
final class Roberta implements Architecture {
  private static final Pattern SIGN =
      Pattern.compile("roberta\\.encoder\\.layer\\.\\d+\\.attention\\.self\\.query\\.weight");

  /** The head of RoBERTa, which MPNet has too. */
  static final Classifier CLASSIFIER =
      new Classifier("classifier.dense", false, Activation.TANH, "classifier.out_proj");

  /** Id of the padding, unless the configuration says otherwise. */
  static final int PADDING = 1;

  private static final Anatomy ANATOMY = Anatomy.encoder(Bert.EMBEDDINGS, Bert.BLOCKS, CLASSIFIER);

  @Override
  public String type() {
    return "roberta";
  }

  @Override
  public String className() {
    return "Roberta";
  }

  @Override
  public String base() {
    return "roberta";
  }

  @Override
  public Anatomy anatomy() {
    return ANATOMY;
  }

  @Override
  public ModelConfig config(Keys keys) {
    keys.must("is_decoder", "false");
    int padding = keys.token("pad_token_id", PADDING);
    return counted(keys, Bert.config(keys, type(), keys.size("type_vocab_size", 2)), padding);
  }

  /** Positions counted from behind the id of padding. */
  static ModelConfig counted(Keys keys, ModelConfig config, int padding) {
    if (padding + 1 >= config.positions()) {
      throw keys.bad(
          "max_position_embeddings = "
              + config.positions()
              + " leaves no position behind the padding's, "
              + padding);
    }
    return config.countedFrom(padding);
  }

  @Override
  public Map<String, Object> keys(ModelConfig config) {
    Map<String, Object> keys = Bert.sizes(config);
    keys.put("type_vocab_size", config.types());
    keys.put("pad_token_id", config.padding().orElse(PADDING));
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
