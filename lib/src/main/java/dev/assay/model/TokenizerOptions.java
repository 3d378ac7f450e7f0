package dev.assay.model;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.InputException;
import dev.assay.checkpoint.ByteSource;
import dev.assay.checkpoint.Folder;
import dev.assay.checkpoint.StrictJson;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What {@code tokenizer_config.json} says beside {@code tokenizer.json}, as far as Transformers
 * obeys it: {@code do_lower_case}, {@code strip_accents} and {@code tokenize_chinese_chars}, which
 * replace what the normalizer of a BERT tokenizer says; {@code add_prefix_space}; {@code
 * truncation_side}; {@code model_max_length}. Where the file is missing, {@code tokenizer.json} is
 * left as it is.
 */
final class TokenizerOptions {
  static final String NAME = "tokenizer_config.json";

  private static final String FIX = "Correct the file, or download it again.";

  /** Classes that take {@code tokenizer.json} as it is. */
  private static final Set<String> PLAIN =
      Set.of("PreTrainedTokenizerFast", "PreTrainedTokenizer", "TokenizersBackend");

  private static final ObjectMapper JSON = new ObjectMapper();

  /** No file. */
  static final TokenizerOptions NONE = new TokenizerOptions(NAME);

  private final String path;
  private final ObjectNode values = JSON.createObjectNode();

  private TokenizerOptions(String path) {
    this.path = path;
  }

  /**
   * Reads the file, if the folder has one.
   *
   * @throws InputException if it is not one JSON object, or a key holds what it cannot be
   */
  static TokenizerOptions read(Folder folder) throws IOException {
    if (!folder.files().contains(NAME)) {
      return NONE;
    }
    try (ByteSource source = folder.open(NAME)) {
      TokenizerOptions options = new TokenizerOptions(source.path());
      StrictJson.read(
          source,
          FIX,
          (key, value) -> {
            if (value.currentToken().isStructStart()) {
              value.skipChildren();
            } else if (value.currentToken() != JsonToken.VALUE_NULL) {
              options.values.set(key, JSON.readTree(value));
            }
          });
      return options;
    }
  }

  /**
   * Changes what a tokenizer's file says of normalizing.
   *
   * @param tokenizer contents of {@code tokenizer.json}
   */
  void apply(ObjectNode tokenizer) {
    if (this == NONE || PLAIN.contains(values.path("tokenizer_class").asText())) {
      return;
    }
    if (tokenizer.get("normalizer") instanceof ObjectNode normalizer
        && normalizer.path("type").asText().equals("BertNormalizer")) {
      normalizer.put("lowercase", flag("do_lower_case").orElse(true));
      normalizer.put("handle_chinese_chars", flag("tokenize_chinese_chars").orElse(true));
      Optional<Boolean> strips = flag("strip_accents");
      if (strips.isPresent()) {
        normalizer.put("strip_accents", strips.get());
      } else {
        normalizer.putNull("strip_accents");
      }
    }
    if (tokenizer.get("pre_tokenizer") instanceof ObjectNode splitter
        && splitter.path("type").asText().equals("ByteLevel")) {
      flag("add_prefix_space").ifPresent(add -> splitter.put("add_prefix_space", add));
    }
  }

  /** Whether a text that is too long loses its beginning; empty where the file does not say. */
  Optional<Boolean> cutsTheBeginning() {
    JsonNode side = values.path("truncation_side");
    if (side.isMissingNode()) {
      return Optional.empty();
    }
    if (side.asText().equals("right") || side.asText().equals("left")) {
      return Optional.of(side.asText().equals("left"));
    }
    throw new InputException(path, "truncation_side = " + side + " is neither left nor right", FIX);
  }

  /**
   * The most tokens of a text, unless more are asked for; what is beyond all reason is no limit.
   */
  OptionalInt longest() {
    JsonNode longest = values.path("model_max_length");
    if (longest.isMissingNode()) {
      return OptionalInt.empty();
    }
    if (!longest.isNumber() || longest.asDouble() < 1) {
      throw new InputException(path, "model_max_length = " + longest + " is not a length", FIX);
    }
    return longest.asDouble() > Integer.MAX_VALUE
        ? OptionalInt.empty()
        : OptionalInt.of(longest.asInt());
  }

  private Optional<Boolean> flag(String key) {
    JsonNode value = values.path(key);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    if (!value.isBoolean()) {
      throw new InputException(path, key + " = " + value + " is neither true nor false", FIX);
    }
    return Optional.of(value.booleanValue());
  }
}
