package dev.assay.part;

import com.fasterxml.jackson.databind.JsonNode;
import dev.assay.InputException;
import dev.assay.checkpoint.SafetensorsFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What an artifact's JSON says of one part, read strictly: a file that was damaged is an error that
 * names it, whatever it says.
 *
 * @param json an object
 * @param where the file, for messages
 */
record Description(JsonNode json, String where) {
  Description {
    if (json == null || !json.isObject()) {
      throw wrong(where, "It says " + json + " where an object should be");
    }
  }

  boolean has(String key) {
    return json.has(key);
  }

  /** A whole number from {@code least} to {@code most}. */
  int integer(String key, int least, int most) {
    JsonNode value = json.path(key);
    if (!value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.intValue() < least
        || value.intValue() > most) {
      throw wrong(key + " is " + value + ", not from " + least + " to " + most);
    }
    return value.intValue();
  }

  /** A real number. */
  double number(String key) {
    JsonNode value = json.path(key);
    if (!value.isNumber()) {
      throw wrong(key + " is " + value + ", not a number");
    }
    return value.doubleValue();
  }

  String text(String key) {
    JsonNode value = json.path(key);
    if (!value.isTextual()) {
      throw wrong(key + " is " + value + ", not a text");
    }
    return value.textValue();
  }

  /** One of an enum's constants. */
  <E extends Enum<E>> E choice(String key, Class<E> type) {
    String name = text(key);
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equals(name)) {
        return constant;
      }
    }
    throw wrong(key + " is " + name);
  }

  Description block(String key) {
    return new Description(json.get(key), where);
  }

  List<Description> blocks(String key) {
    if (!json.path(key).isArray()) {
      throw wrong(key + " is " + json.path(key) + ", not a list");
    }
    List<Description> blocks = new ArrayList<>();
    json.get(key).forEach(block -> blocks.add(new Description(block, where)));
    return blocks;
  }

  /** The bytes of a tensor, of which there must be {@code count}. */
  byte[] bytes(SafetensorsFile file, String name, long count) throws IOException {
    byte[] bytes = file.bytes(name);
    if (bytes.length != count) {
      throw wrong(name + " has " + bytes.length + " bytes, not " + count);
    }
    return bytes;
  }

  InputException wrong(String problem) {
    return wrong(where, problem);
  }

  static InputException wrong(String where, String problem) {
    return new InputException(
        where,
        "The file does not describe a compressed matrix: " + problem,
        "Delete it; it can be computed again");
  }
}
