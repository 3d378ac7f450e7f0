package dev.assay.family;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * GPT-2 (Radford et al., 2019): LayerNorm, learned positions, query, key and value in one matrix,
 * and weights that lie in × out.
 */
final class Gpt2 implements Architecture {
  private static final Pattern CONV1D =
      Pattern.compile("(?:.*\\.)?h\\.\\d+\\..*\\b(?:c_attn|q_attn|c_proj|c_fc)\\.weight");

  private static final Anatomy ANATOMY =
      Anatomy.decoder(
          new Embeddings("wte", Optional.of("wpe"), Optional.empty(), Optional.empty()),
          new Blocks(
              "h",
              Blocks.Order.PRE_NORM,
              "attn",
              Map.of(
                  Role.QKV, "attn.c_attn",
                  Role.OUTPUT, "attn.c_proj",
                  Role.UP, "mlp.c_fc",
                  Role.DOWN, "mlp.c_proj"),
              "ln_1",
              "ln_2"),
          "ln_f",
          "lm_head");

  @Override
  public String type() {
    return "gpt2";
  }

  @Override
  public Anatomy anatomy() {
    return ANATOMY;
  }

  /** By its query, key and value: in × 3·in; where Conv1D became a linear it is out × in. */
  @Override
  public boolean recognizes(Map<String, List<Long>> shapes) {
    return shapes.entrySet().stream()
        .anyMatch(
            entry -> {
              List<Long> shape = entry.getValue();
              return entry.getKey().endsWith(".attn.c_attn.weight")
                  && shape.size() == 2
                  && shape.get(0) > 0
                  && shape.get(1) / 3 == shape.get(0)
                  && shape.get(1) % 3 == 0;
            });
  }

  @Override
  public boolean storesInOut(String tensorName) {
    return isConv1d(tensorName);
  }

  /** Whether a name is that of a Conv1D's weight. */
  static boolean isConv1d(String tensorName) {
    return CONV1D.matcher(tensorName).matches();
  }
}
