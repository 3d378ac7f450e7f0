package dev.assay.model;

import com.fasterxml.jackson.core.JsonToken;
import dev.assay.InputException;
import dev.assay.checkpoint.ByteSource;
import dev.assay.checkpoint.Folder;
import dev.assay.checkpoint.StrictJson;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * How the last hidden states of a text's tokens become one embedding (Reimers and Gurevych, 2019).
 * Every embedding is scaled to length 1 afterwards.
 */
public enum Pooling {
  /** The mean over the tokens that are no padding, as all-MiniLM and E5 take it. */
  MEAN,
  /** The hidden state of the first token, as BGE takes it. */
  CLS;

  private static final String FOLDER = "1_Pooling";
  private static final String FILE = "config.json";
  private static final String DENSE = "2_Dense";
  private static final String KEY = "pooling_mode";
  private static final String FIX =
      "Embeddings pooled by mean or cls, one of them, can be evaluated; choose such a model.";

  /** The name in configurations and tables. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The names of all. */
  public static List<String> ids() {
    return Arrays.stream(values()).map(Pooling::id).toList();
  }

  /** The pooling of that name. */
  public static Optional<Pooling> named(String name) {
    return Arrays.stream(values()).filter(pooling -> pooling.id().equals(name)).findFirst();
  }

  /**
   * What the model in {@code folder} says of itself in {@code 1_Pooling/config.json}, which
   * sentence-transformers writes; empty where it has no such file.
   *
   * @throws InputException if the file is broken or asks for what Assay does not compute: another
   *     pooling, several at once, or a {@code 2_Dense} layer behind it
   */
  public static Optional<Pooling> of(Folder folder) throws IOException {
    Optional<Folder> said = folder.folder(FOLDER);
    if (said.isEmpty() || !said.get().files().contains(FILE)) {
      return Optional.empty();
    }
    Optional<Folder> dense = folder.folder(DENSE);
    if (dense.isPresent()) {
      throw new InputException(
          dense.get().path(), "A linear behind the pooling cannot be computed", FIX);
    }
    try (ByteSource source = said.get().open(FILE)) {
      String modes = String.join(" and ", modes(source));
      Optional<Pooling> one = named(modes);
      if (one.isEmpty()) {
        throw new InputException(
            source.path(), "Pooling by '" + modes + "' cannot be computed", FIX);
      }
      return one;
    }
  }

  /** Either flags as {@code "pooling_mode_cls_token": true}, or {@code "pooling_mode": "cls"}. */
  private static Set<String> modes(ByteSource source) throws IOException {
    Set<String> modes = new TreeSet<>();
    StrictJson.read(
        source,
        "Correct the file, or download it again.",
        (key, value) -> {
          boolean on = value.currentToken() == JsonToken.VALUE_TRUE;
          if (key.equals(KEY) && value.currentToken() == JsonToken.VALUE_STRING) {
            modes.add(value.getText());
          } else if (key.startsWith(KEY + "_") && on) {
            modes.add(key.substring(KEY.length() + 1).replaceFirst("_tokens?$", ""));
          } else {
            value.skipChildren();
          }
        });
    return modes;
  }
}
