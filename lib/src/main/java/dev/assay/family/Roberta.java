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

  private static final Anatomy ANATOMY = Anatomy.encoder(Bert.EMBEDDINGS, Bert.BLOCKS, CLASSIFIER);

  @Override
  public String type() {
    return "roberta";
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
