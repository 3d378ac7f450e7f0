package dev.assay.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.assay.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * JSON read as a stream of tokens by the strictest rules: valid UTF-8, one object, no key twice,
 * nothing after it. Depth and lengths are bounded by the parser, memory by what the handler keeps.
 */
public final class StrictJson {
  /** No JSON file of a checkpoint is longer than a safetensors header may be. */
  public static final long MAX_BYTES = 100_000_000;

  // Names come from a file that may be hostile: they are neither interned nor kept in a table whose
  // hash collisions could be chosen.
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  private StrictJson() {}

  /** Handles one key of the outermost object; the parser stands on the first token of its value. */
  public interface Handler {
    void field(String key, JsonParser value) throws IOException;
  }

  /**
   * Reads a whole file.
   *
   * @param fix what the user can do about a broken one
   * @throws InputException if it is not UTF-8, not JSON, not one object, or has a key twice
   */
  public static void read(ByteSource source, String fix, Handler handler) throws IOException {
    if (source.length() > MAX_BYTES) {
      throw new InputException(
          source.path(),
          "Has " + source.length() + " bytes; a JSON file may have " + MAX_BYTES,
          fix);
    }
    read(new RangeInputStream(source, 0, source.length()), source.path(), fix, handler);
  }

  /**
   * Reads one object from {@code in} to its end.
   *
   * @param where the file, for messages
   * @param fix what the user can do about a broken one
   * @throws InputException if it is not UTF-8, not JSON, not one object, or has a key twice
   */
  public static void read(InputStream in, String where, String fix, Handler handler)
      throws IOException {
    InputStreamReader reader =
        new InputStreamReader(
            in,
            StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT));
    try (JsonParser parser = FACTORY.createParser(reader)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new InputException(where, "The JSON is not an object", fix);
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = whole(parser.currentName(), where, "A key", fix);
        parser.nextToken();
        handler.field(key, parser);
      }
      if (parser.nextToken() != null) {
        throw new InputException(where, "Something follows the JSON object", fix);
      }
    } catch (CharacterCodingException e) {
      throw new InputException(where, "The JSON is not valid UTF-8", fix, e);
    } catch (JsonProcessingException e) {
      throw new InputException(where, "The JSON is broken: " + e.getOriginalMessage(), fix, e);
    }
  }

  /**
   * The parser's current token as a string of whole characters, or an error that names {@code
   * what}.
   */
  public static String string(JsonParser parser, String where, String what, String fix)
      throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw new InputException(where, what + " is " + describe(parser) + ", not a string", fix);
    }
    return whole(parser.getText(), where, what, fix);
  }

  /** {@code text} itself, or an error if an escape in it is half of a surrogate pair. */
  public static String whole(String text, String where, String what, String fix) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new InputException(where, what + " holds half of a surrogate pair", fix);
    }
    return text;
  }

  /** The parser's current token, short enough for a message. */
  public static String describe(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == null) {
      return "missing";
    }
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> shorten(parser.getText());
      case VALUE_STRING -> '"' + shorten(parser.getText()) + '"';
      default -> token.toString();
    };
  }

  /** At most 80 characters of {@code text}, so that a message stays one. */
  static String shorten(String text) {
    return text.length() <= 80 ? text : text.substring(0, 77) + "...";
  }
}
