package dev.assay.model;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.assay.InputException;
import dev.assay.checkpoint.ByteSource;
import dev.assay.checkpoint.StrictJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads {@code config.json} of the architectures that can be run. */
final class ConfigFile {
  /** Classes that can go without names, for which names are made. */
  private static final int MOST_CLASSES = 10_000;

  private static final String FIX = "Correct the file, or download it again.";

  private final String path;
  private final Map<String, String> values = new LinkedHashMap<>();
  private final TreeMap<Integer, String> labels = new TreeMap<>();

  private ConfigFile(String path) {
    this.path = path;
  }

  static ModelConfig read(ByteSource source) throws IOException {
    ConfigFile file = new ConfigFile(source.path());
    StrictJson.read(source, FIX, file::field);
    return file.config();
  }

  private void field(String key, JsonParser value) throws IOException {
    JsonToken token = value.currentToken();
    if (key.equals("id2label") && token == JsonToken.START_OBJECT) {
      labels(value);
    } else if (token.isStructStart()) {
      value.skipChildren();
    } else if (token != JsonToken.VALUE_NULL) {
      values.put(key, value.getText());
    }
  }

  private void labels(JsonParser value) throws IOException {
    while (value.nextToken() == JsonToken.FIELD_NAME) {
      String key = value.currentName();
      value.nextToken();
      String label = StrictJson.string(value, path, "id2label." + key, FIX);
      try {
        labels.put(Integer.parseInt(key), label);
      } catch (NumberFormatException e) {
        throw bad("id2label has the key \"" + key + "\", not the index of a class", e);
      }
    }
  }

  private ModelConfig config() {
    String type = values.getOrDefault("model_type", "");
    switch (type) {
      case "bert":
        must("position_embedding_type", "absolute");
        must("is_decoder", "false");
        return config(
            type,
            "hidden_size",
            "num_hidden_layers",
            "num_attention_heads",
            "intermediate_size",
            "hidden_act",
            values.containsKey("type_vocab_size") ? size("type_vocab_size") : 2);
      case "distilbert":
        return config(type, "dim", "n_layers", "n_heads", "hidden_dim", "activation", 0);
      default:
        throw notRun(path, type);
    }
  }

  static InputException notRun(String path, String type) {
    return new InputException(
        path,
        type.isEmpty()
            ? "The key model_type is missing, so the architecture is not known"
            : "Models of type " + type + " can be compressed, but not evaluated",
        "Evaluation runs bert and distilbert; sweep without tasks, or choose such a model.");
  }

  private ModelConfig config(
      String type,
      String widthKey,
      String layersKey,
      String headsKey,
      String intermediateKey,
      String activationKey,
      int types) {
    int width = size(widthKey);
    int heads = size(headsKey);
    if (width % heads != 0) {
      throw bad(widthKey + " = " + width + " is not a multiple of " + headsKey + " = " + heads);
    }
    return new ModelConfig(
        type,
        size("vocab_size"),
        width,
        size(layersKey),
        heads,
        size(intermediateKey),
        size("max_position_embeddings"),
        types,
        type.equals("bert") ? epsilon() : ConfigShapes.EPSILON,
        activation(activationKey),
        classes());
  }

  private int size(String key) {
    String text = values.get(key);
    if (text == null) {
      throw bad("The key " + key + " is missing");
    }
    try {
      int size = Integer.parseInt(text);
      if (size > 0) {
        return size;
      }
    } catch (NumberFormatException e) {
      throw bad(key + " = " + text + " is not a whole number", e);
    }
    throw bad(key + " = " + text + " is not positive");
  }

  private double epsilon() {
    String text = values.get("layer_norm_eps");
    if (text == null) {
      return ConfigShapes.EPSILON;
    }
    try {
      double epsilon = Double.parseDouble(text);
      if (epsilon >= 0 && epsilon < 1) {
        return epsilon;
      }
    } catch (NumberFormatException e) {
      throw bad("layer_norm_eps = " + text + " is not a number", e);
    }
    throw bad("layer_norm_eps = " + text + " is not between 0 and 1");
  }

  private Activation activation(String key) {
    String name = values.getOrDefault(key, "gelu");
    return Activation.named(name)
        .orElseThrow(
            () ->
                new InputException(
                    path,
                    key + " = " + name + " is not an activation that can be computed",
                    "Known are " + Activation.names() + "."));
  }

  private void must(String key, String only) {
    String value = values.getOrDefault(key, only);
    if (!value.equals(only)) {
      throw new InputException(
          path,
          key + " = " + value + " cannot be computed",
          "Encoders with " + key + " = " + only + " can be evaluated.");
    }
  }

  /** By id2label alone: transformers never reads label2id to name a prediction. */
  private List<String> classes() {
    if (!labels.isEmpty() && labels.lastKey() != labels.size() - 1) {
      throw bad("id2label has the keys " + labels.keySet() + ", not 0 to " + (labels.size() - 1));
    }
    if (!labels.isEmpty() && labels.firstKey() != 0) {
      throw bad("id2label has the key " + labels.firstKey());
    }
    if (!labels.isEmpty() || !values.containsKey("num_labels")) {
      return List.copyOf(labels.values());
    }
    int classes = size("num_labels");
    if (classes > MOST_CLASSES) {
      throw bad("num_labels = " + classes + " is above " + MOST_CLASSES);
    }
    return unnamed(classes);
  }

  /** Names that transformers gives to classes without any. */
  static List<String> unnamed(int classes) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < classes; i++) {
      names.add("LABEL_" + i);
    }
    return names;
  }

  private InputException bad(String problem) {
    return new InputException(path, problem, FIX);
  }

  private InputException bad(String problem, Throwable cause) {
    return new InputException(path, problem, FIX, cause);
  }
}
