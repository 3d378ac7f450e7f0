package dev.assay.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.family.Architecture;
import dev.assay.family.ModelConfig;
import dev.assay.tensor.DType;
import java.nio.charset.StandardCharsets;

/**
 * The {@code config.json} of an encoder that came without one, or was given a new head, with the
 * keys of Transformers' configuration of its family. What a {@link ModelConfig} does not know
 * (dropout, initialization) keeps Transformers' default.
 */
final class ConfigJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ConfigJson() {}

  /**
   * Writes the file.
   *
   * @param architecture class of Transformers, without the model type's name: {@code Model}
   * @param dtype what most weights are stored in
   */
  static byte[] of(ModelConfig config, String architecture, DType dtype) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    Architecture family = config.family();
    json.putArray("architectures").add(family.className() + architecture);
    json.put("model_type", config.modelType());
    family.keys(config).forEach(json::putPOJO);
    json.put("max_position_embeddings", config.positionRows());
    json.put("vocab_size", config.vocabulary());
    json.put("torch_dtype", torch(dtype));
    if (!config.labels().isEmpty()) {
      ObjectNode names = json.putObject("id2label");
      ObjectNode ids = json.putObject("label2id");
      for (int i = 0; i < config.labels().size(); i++) {
        names.put(Integer.toString(i), config.labels().get(i));
        ids.put(config.labels().get(i), i);
      }
    }
    return bytes(json);
  }

  private static String torch(DType dtype) {
    return switch (dtype) {
      case F64 -> "float64";
      case F32 -> "float32";
      case F16 -> "float16";
      case BF16 -> "bfloat16";
    };
  }

  /** A file of this tree, indented. */
  static byte[] bytes(ObjectNode json) {
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
    printer.indentObjectsWith(new DefaultIndenter("  ", "\n"));
    try {
      return (JSON.writer(printer).writeValueAsString(json) + "\n")
          .getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A tree of numbers and texts is always JSON", e);
    }
  }
}
