package dev.assay.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.InputException;
import dev.assay.family.ModelConfig;
import java.io.CharConversionException;
import java.io.IOException;

/**
 * The {@code tokenizer_config.json} that goes with a {@code tokenizer.json} which came without one:
 * Transformers would take its own defaults instead, lower case among them, whatever {@code
 * tokenizer.json} says.
 */
final class TokenizerConfig {
  static final String NAME = "tokenizer_config.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private TokenizerConfig() {}

  /**
   * Writes the file.
   *
   * @param tokenizer contents of {@code tokenizer.json}
   * @param where that file, for messages
   */
  static byte[] of(byte[] tokenizer, String where, ModelConfig config) throws IOException {
    JsonNode normalizer;
    try {
      normalizer = JSON.readTree(tokenizer).path("normalizer");
    } catch (JsonProcessingException | CharConversionException e) {
      throw new InputException(where, "Is not JSON", "Download it again.", e);
    }
    ObjectNode json = JSON.createObjectNode();
    json.put("tokenizer_class", config.family().className() + "Tokenizer");
    json.put("model_max_length", config.positions());
    if (normalizer.path("type").asText().equals("BertNormalizer")) {
      json.put("do_lower_case", normalizer.path("lowercase").asBoolean());
      json.set("strip_accents", normalizer.path("strip_accents"));
      json.put("tokenize_chinese_chars", normalizer.path("handle_chinese_chars").asBoolean());
    }
    return ConfigJson.bytes(json);
  }
}
