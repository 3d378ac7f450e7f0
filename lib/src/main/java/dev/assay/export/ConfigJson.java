package dev.assay.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.model.ModelConfig;
import dev.assay.tensor.DType;
import java.nio.charset.StandardCharsets;

/**
 * The {@code config.json} of a BERT or DistilBERT that came without one, with the keys of
 * Transformers' {@code BertConfig} and {@code DistilBertConfig}. What a {@link ModelConfig} does
 * not know (dropout, initialization) keeps Transformers' default.
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
    boolean distil = config.modelType().equals("distilbert");
    json.putArray("architectures").add((distil ? "DistilBert" : "Bert") + architecture);
    json.put("model_type", config.modelType());
    if (distil) {
      json.put("dim", config.width());
      json.put("n_layers", config.layers());
      json.put("n_heads", config.heads());
      json.put("hidden_dim", config.intermediate());
      json.put("activation", activation(config));
      json.put("sinusoidal_pos_embds", false);
    } else {
      json.put("hidden_size", config.width());
      json.put("num_hidden_layers", config.layers());
      json.put("num_attention_heads", config.heads());
      json.put("intermediate_size", config.intermediate());
      json.put("hidden_act", activation(config));
      json.put("type_vocab_size", config.types());
      json.put("layer_norm_eps", config.epsilon());
    }
    json.put("max_position_embeddings", config.positions());
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

  private static String activation(ModelConfig config) {
    return switch (config.activation()) {
      case GELU -> "gelu";
      case GELU_TANH -> "gelu_new";
      case RELU -> "relu";
    };
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
