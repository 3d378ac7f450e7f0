package dev.assay.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.InputException;
import dev.assay.checkpoint.StrictJson;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.Iterator;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A {@code tokenizer.json}, checked before Hugging Face's library sees it. That library answers
 * some broken files not with an error but by ending the process, or never: where a template puts in
 * a token that it does not define, where a merge is shorter than the prefix that is cut off it,
 * where a table of characters leads out of itself, where nothing is replaced or prepended, and
 * where a decoder is anything but right.
 */
final class TokenizerFile {
  static final String NAME = "tokenizer.json";
  static final String FIX =
      "Give the tokenizer.json that belongs to the model; Transformers writes one with"
          + " AutoTokenizer.from_pretrained(MODEL).save_pretrained(DIR).";

  /** What turning texts into tokens takes; decoder, padding and truncation are not among it. */
  private static final Set<String> KEYS =
      Set.of("version", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "model");

  /** The library's own parser gives up at 128. */
  private static final int DEEPEST = 100;

  /** Where patterns may fit that fit nothing: begin, end, and borders of words. */
  private static final String SAMPLE = " a, B1.\n``x''  \u00fc\t\u4e00 z";

  /** BERT has 100. A word that cannot be told takes time by the cube of its length. */
  private static final int LONGEST_WORD = 1000;

  /** Numbers keep their digits. */
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private final String where;
  private final ObjectNode encoding = JSON.createObjectNode();
  private String direction = "";

  private TokenizerFile(String where) {
    this.where = where;
  }

  /**
   * Reads the bytes of a file.
   *
   * @param where the file, for messages
   * @throws InputException if it is not JSON, or of a kind that the library would not survive
   */
  static TokenizerFile read(byte[] json, String where) throws IOException {
    TokenizerFile file = new TokenizerFile(where);
    StrictJson.read(
        new ByteArrayInputStream(json),
        where,
        FIX,
        (key, value) -> {
          if (KEYS.contains(key)) {
            file.encoding.set(key, JSON.readTree(value));
          } else if (key.equals("truncation")) {
            JsonNode truncation = JSON.readTree(value);
            file.direction = truncation.path("direction").asText();
          } else {
            value.skipChildren();
          }
        });
    file.check(file.encoding, 0);
    return file;
  }

  /** Changes what it says of normalizing as {@code tokenizer_config.json} asks. */
  void apply(TokenizerOptions options) {
    options.apply(encoding);
  }

  /** Whether texts that are too long lose their beginning, unless something else is asked for. */
  boolean cutsTheBeginning() {
    return direction.equals("Left");
  }

  /** Lets texts of more than {@code length} tokens lose their beginning. */
  void cutTheBeginning(int length) {
    encoding
        .putObject("truncation")
        .put("direction", "Left")
        .put("max_length", length)
        .put("strategy", "LongestFirst")
        .put("stride", 0);
  }

  /** The file's JSON as far as it says how texts become tokens. */
  String encoding() {
    try {
      return JSON.writeValueAsString(encoding);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A tree that was read is always JSON", e);
    }
  }

  /** How many rows of word embeddings the tokens need: the largest id and one. */
  long vocabulary() {
    long largest = -1;
    JsonNode vocabulary = encoding.path("model").path("vocab");
    if (vocabulary.isArray()) {
      // Unigram: a list whose index is the id
      largest = vocabulary.size() - 1L;
    } else {
      // WordPiece, BPE, WordLevel: token to id
      for (JsonNode id : vocabulary) {
        largest = Math.max(largest, id(id));
      }
    }
    for (JsonNode token : encoding.path("added_tokens")) {
      largest = Math.max(largest, id(token.path("id")));
    }
    return largest + 1;
  }

  private long id(JsonNode node) {
    if (node.isIntegralNumber() && !node.canConvertToInt()) {
      throw bad("it has the id " + node);
    }
    return node.asLong(-1);
  }

  private void check(JsonNode node, int depth) {
    if (depth > DEEPEST) {
      throw bad("it nests more than " + DEEPEST + " deep");
    }
    if (node.isTextual()) {
      checkText(node.textValue());
    }
    for (Iterator<String> keys = node.fieldNames(); keys.hasNext(); ) {
      checkText(keys.next());
    }
    if (is("TemplateProcessing", "special_tokens", node)) {
      checkTemplate(node);
    }
    if (is("Precompiled", "precompiled_charsmap", node)) {
      checkCharsMap(node.path("precompiled_charsmap"));
    }
    if (is("BPE", "merges", node)) {
      checkMerges(node);
    }
    if (is("Replace", "content", node)) {
      checkReplaced(node.path("pattern"));
    }
    if (is("Prepend", "prepend", node)) {
      checkPrepended(node.path("prepend").asText("-"));
    }
    if (node.path("max_input_chars_per_word").asLong(0) > LONGEST_WORD) {
      throw bad("a word may have " + node.path("max_input_chars_per_word") + " characters");
    }
    for (JsonNode child : node) {
      check(child, depth + 1);
    }
  }

  /** The library knows a part by its type or, where it does not know that, by its fields. */
  private static boolean is(String type, String field, JsonNode node) {
    return node.path("type").asText().equals(type) || node.has(field);
  }

  private void checkText(String text) {
    StrictJson.whole(text, where, "A text", FIX);
  }

  /** Of one text there is no second; and special tokens must be defined beside the templates. */
  private void checkTemplate(JsonNode processor) {
    for (JsonNode piece : processor.path("single")) {
      if (piece.path("Sequence").path("id").asText("A").equals("B")) {
        throw bad("the template of a single text has a second text, B");
      }
    }
    for (String template : new String[] {"single", "pair"}) {
      for (JsonNode piece : processor.path(template)) {
        JsonNode token = piece.path("SpecialToken").path("id");
        if (token.isTextual() && !processor.path("special_tokens").has(token.textValue())) {
          throw bad("a template has the token " + token + ", which it does not define");
        }
      }
    }
  }

  /** The prefix of a token within a word is cut off what is merged. */
  private void checkMerges(JsonNode model) {
    String prefix = model.path("continuing_subword_prefix").asText("");
    if (prefix.isEmpty()) {
      return;
    }
    for (JsonNode merge : model.path("merges")) {
      String second =
          merge.isArray()
              ? merge.path(1).asText("")
              : merge.asText("").substring(merge.asText("").indexOf(' ') + 1);
      if (!second.startsWith(prefix) || !prefix.chars().allMatch(c -> c < 0x80)) {
        throw bad("the merge " + merge + " does not begin with the prefix " + prefix);
      }
    }
  }

  /** What is replaced must be something. */
  private void checkReplaced(JsonNode pattern) {
    try {
      String text = pattern.path("String").asText("-");
      Matcher found = Pattern.compile(pattern.path("Regex").asText("-")).matcher(SAMPLE);
      boolean empty = text.isEmpty();
      while (!empty && found.find()) {
        empty = found.end() == found.start();
      }
      if (empty) {
        throw bad("the pattern " + pattern + " to be replaced fits where nothing is");
      }
    } catch (PatternSyntaxException e) {
      throw bad("the pattern " + pattern + " to be replaced is not understood");
    }
  }

  private void checkPrepended(String text) {
    if (text.isEmpty()) {
      throw bad("a normalizer prepends nothing");
    }
  }

  private void checkCharsMap(JsonNode node) {
    try {
      CharsMap.check(Base64.getDecoder().decode(node.asText("")));
    } catch (IllegalArgumentException e) {
      throw bad("its precompiled_charsmap is broken, " + e.getMessage());
    }
  }

  private InputException bad(String problem) {
    return new InputException(where, "Is not a tokenizer: " + problem, FIX);
  }
}
