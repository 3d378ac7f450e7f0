package dev.assay.checkpoint;

import dev.assay.InputException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** A checkpoint's architecture, by the name Hugging Face gives it in {@code config.json}. */
final class ModelType {
  static final String CONFIG = "config.json";
  static final String UNKNOWN = "unknown";
  private static final String FIX = "Download config.json again, or delete it.";

  /** Architectures whose linears are transformers' Conv1D, stored in × out. */
  private static final Set<String> CONV1D =
      Set.of("gpt2", "openai-gpt", "imagegpt", "decision_transformer");

  private static final Pattern CONV1D_WEIGHT =
      Pattern.compile("(?:.*\\.)?h\\.\\d+\\..*\\b(?:c_attn|q_attn|c_proj|c_fc)\\.weight");

  /** An architecture and the name that a matrix of its first blocks has. */
  private record Sign(String modelType, Pattern name) {}

  private static final List<Sign> SIGNS =
      List.of(
          new Sign(
              "distilbert",
              Pattern.compile(
                  "(?:distilbert\\.)?transformer\\.layer\\.\\d+\\.attention\\.q_lin\\.weight")),
          new Sign(
              "roberta",
              Pattern.compile(
                  "roberta\\.encoder\\.layer\\.\\d+\\.attention\\.self\\.query\\.weight")),
          new Sign(
              "bert",
              Pattern.compile(
                  "(?:bert\\.)?encoder\\.layer\\.\\d+\\.attention\\.self\\.query\\.weight")));

  private ModelType() {}

  /**
   * {@code model_type} of {@code config.json}; without one, what the tensors' names and shapes say.
   *
   * @param shapes tensor name to stored shape
   * @throws InputException if {@code config.json} is not one JSON object
   */
  static String of(Folder folder, List<String> files, Map<String, List<Long>> shapes)
      throws IOException {
    Optional<String> configured = Optional.empty();
    if (files.contains(CONFIG)) {
      try (ByteSource source = folder.open(CONFIG)) {
        configured = read(source);
      }
    }
    return configured.orElseGet(() -> infer(shapes));
  }

  private static Optional<String> read(ByteSource source) throws IOException {
    String[] type = {""};
    StrictJson.read(
        source,
        FIX,
        (key, value) -> {
          if (key.equals("model_type")) {
            type[0] = StrictJson.string(value, source.path(), key, FIX);
          } else {
            value.skipChildren();
          }
        });
    return type[0].isBlank() ? Optional.empty() : Optional.of(type[0]);
  }

  private static String infer(Map<String, List<Long>> shapes) {
    for (Sign sign : SIGNS) {
      if (shapes.keySet().stream().anyMatch(name -> sign.name().matcher(name).matches())) {
        return sign.modelType();
      }
    }
    for (Map.Entry<String, List<Long>> entry : shapes.entrySet()) {
      // GPT-2's fused q/k/v is in × 3·in; in models that renamed Conv1D to linear it is out × in.
      List<Long> shape = entry.getValue();
      if (entry.getKey().endsWith(".attn.c_attn.weight")
          && shape.size() == 2
          && shape.get(0) > 0
          && shape.get(1) / 3 == shape.get(0)
          && shape.get(1) % 3 == 0) {
        return "gpt2";
      }
    }
    return UNKNOWN;
  }

  /** How a safetensors file of this architecture holds the matrix called {@code name}. */
  static Tensor.Layout layout(String modelType, String name) {
    return CONV1D.contains(modelType) && CONV1D_WEIGHT.matcher(name).matches()
        ? Tensor.Layout.IN_OUT
        : Tensor.Layout.OUT_IN;
  }
}
