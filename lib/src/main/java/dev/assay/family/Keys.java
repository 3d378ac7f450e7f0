package dev.assay.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.InputException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** The keys of a {@code config.json}, each read as what it must be. A null is no value. */
public final class Keys {
  /** Classes that can go without names, for which names are made. */
  private static final int MOST_CLASSES = 10_000;

  private static final String FIX = "Correct the file, or download it again.";

  private final String path;
  private final String before;
  private final ObjectNode values;

  private Keys(String path, String before, ObjectNode values) {
    this.path = path;
    this.before = before;
    this.values = values;
  }

  /**
   * The keys of a file.
   *
   * @param path the file, for messages
   * @param values what it says
   */
  public static Keys of(String path, ObjectNode values) {
    return new Keys(path, "", values);
  }

  boolean has(String key) {
    return values.hasNonNull(key);
  }

  /** An object within. */
  Optional<Keys> object(String key) {
    return values.get(key) instanceof ObjectNode inner
        ? Optional.of(new Keys(path, before + key + ".", inner))
        : Optional.empty();
  }

  /** A text, or what any other plain value is written as. */
  String text(String key, String otherwise) {
    JsonNode value = values.path(key);
    return value.isValueNode() && !value.isNull() ? value.asText() : otherwise;
  }

  /** A whole number above 0. */
  int size(String key) {
    String text = text(key, "");
    if (text.isEmpty()) {
      throw bad("The key " + before + key + " is missing");
    }
    try {
      int size = Integer.parseInt(text);
      if (size > 0) {
        return size;
      }
    } catch (NumberFormatException e) {
      throw bad(key, text, "not a whole number", e);
    }
    throw bad(key, text, "not positive");
  }

  int size(String key, int otherwise) {
    return has(key) ? size(key) : otherwise;
  }

  /** An id of a token, 0 or above. */
  int token(String key, int otherwise) {
    return has(key) && !text(key, "").equals("0") ? size(key) : has(key) ? 0 : otherwise;
  }

  /** A finite number above 0. */
  double positive(String key, double otherwise) {
    double number = number(key, otherwise);
    if (number > 0 && number < Double.POSITIVE_INFINITY) {
      return number;
    }
    throw bad(key, text(key, ""), "not a positive number");
  }

  /** What keeps a norm from dividing by zero: from 0 to below 1. */
  double epsilon(String key, double otherwise) {
    double number = number(key, otherwise);
    if (number >= 0 && number < 1) {
      return number;
    }
    throw bad(key, text(key, ""), "not between 0 and 1");
  }

  private double number(String key, double otherwise) {
    String text = text(key, "");
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw bad(key, text, "not a number", e);
    }
  }

  boolean flag(String key, boolean otherwise) {
    String text = text(key, Boolean.toString(otherwise));
    if (text.equals("true") || text.equals("false")) {
      return text.equals("true");
    }
    throw bad(key, text, "neither true nor false");
  }

  Activation activation(String key, Activation otherwise) {
    String name = text(key, otherwise.id());
    return Activation.named(name)
        .orElseThrow(
            () ->
                new InputException(
                    path,
                    before + key + " = " + name + " is not an activation that can be computed",
                    "Known are " + Activation.known() + "."));
  }

  /** Checks that a key has the only value that can be computed. */
  void must(String key, String only) {
    String value = text(key, only);
    if (!value.equals(only)) {
      throw new InputException(
          path,
          before + key + " = " + value + " cannot be computed",
          "Models with " + before + key + " = " + only + " can be evaluated.");
    }
  }

  /** How many heads of equal width there are. */
  int heads(String key, String widthKey) {
    int width = size(widthKey);
    int heads = size(key);
    if (width % heads != 0) {
      throw bad(widthKey + " = " + width + " is not a multiple of " + key + " = " + heads);
    }
    return heads;
  }

  /** By id2label alone: Transformers never reads label2id to name a prediction. */
  List<String> labels() {
    TreeMap<Integer, String> labels = new TreeMap<>();
    if (values.get("id2label") instanceof ObjectNode named) {
      for (Iterator<String> keys = named.fieldNames(); keys.hasNext(); ) {
        String key = keys.next();
        if (!named.get(key).isTextual()) {
          throw bad("id2label." + key + " is not a text");
        }
        try {
          labels.put(Integer.parseInt(key), named.get(key).textValue());
        } catch (NumberFormatException e) {
          throw new InputException(
              path, "id2label has the key \"" + key + "\", not the index of a class", FIX, e);
        }
      }
    }
    if (!labels.isEmpty() && labels.lastKey() != labels.size() - 1) {
      throw bad("id2label has the keys " + labels.keySet() + ", not 0 to " + (labels.size() - 1));
    }
    if (!labels.isEmpty() && labels.firstKey() != 0) {
      throw bad("id2label has the key " + labels.firstKey());
    }
    if (!labels.isEmpty() || !has("num_labels")) {
      return List.copyOf(labels.values());
    }
    int classes = size("num_labels");
    if (classes > MOST_CLASSES) {
      throw bad("num_labels = " + classes + " is above " + MOST_CLASSES);
    }
    return unnamed(classes);
  }

  /** Names that Transformers gives to classes without any. */
  public static List<String> unnamed(int classes) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < classes; i++) {
      names.add("LABEL_" + i);
    }
    return names;
  }

  InputException bad(String problem) {
    return new InputException(path, problem, FIX);
  }

  private InputException bad(String key, String value, String what) {
    return bad(before + key + " = " + value + " is " + what);
  }

  private InputException bad(String key, String value, String what, Throwable cause) {
    return new InputException(path, before + key + " = " + value + " is " + what, FIX, cause);
  }
}
