package dev.assay.model;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.checkpoint.ByteSource;
import dev.assay.checkpoint.StrictJson;
import dev.assay.family.Keys;
import java.io.IOException;

/** Reads {@code config.json}: its plain values and its objects, lists left out. */
final class ConfigFile {
  static final String NAME = "config.json";

  private static final String FIX = "Correct the file, or download it again.";

  /** Numbers keep their digits, for messages. */
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  private ConfigFile() {}

  static Keys read(ByteSource source) throws IOException {
    ObjectNode values = JSON.createObjectNode();
    StrictJson.read(
        source,
        FIX,
        (key, value) -> {
          if (value.currentToken() == JsonToken.START_ARRAY) {
            value.skipChildren();
          } else {
            JsonNode read = JSON.readTree(value);
            values.set(key, read);
          }
        });
    return Keys.of(source.path(), values);
  }
}
