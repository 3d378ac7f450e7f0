package dev.assay.model;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.assay.checkpoint.StrictJson;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/** How many rows of word embeddings a {@code tokenizer.json} needs: its largest id and one. */
final class TokenizerFile {
  static final String NAME = "tokenizer.json";
  static final String FIX =
      "Give the tokenizer.json that belongs to the model; Transformers writes one with"
          + " AutoTokenizer.from_pretrained(MODEL).save_pretrained(DIR).";

  private long largest = -1;

  private TokenizerFile() {}

  static long vocabulary(byte[] json, String where) throws IOException {
    TokenizerFile file = new TokenizerFile();
    StrictJson.read(
        new ByteArrayInputStream(json),
        where,
        FIX,
        (key, value) -> {
          if (key.equals("model") && value.currentToken() == JsonToken.START_OBJECT) {
            file.model(value);
          } else if (key.equals("added_tokens") && value.currentToken() == JsonToken.START_ARRAY) {
            file.added(value);
          } else {
            value.skipChildren();
          }
        });
    return file.largest + 1;
  }

  private void model(JsonParser value) throws IOException {
    while (value.nextToken() == JsonToken.FIELD_NAME) {
      boolean vocabulary = value.currentName().equals("vocab");
      JsonToken token = value.nextToken();
      if (vocabulary && token == JsonToken.START_OBJECT) {
        // WordPiece, BPE, WordLevel: token to id
        while (value.nextToken() == JsonToken.FIELD_NAME) {
          value.nextToken();
          id(value);
        }
      } else if (vocabulary && token == JsonToken.START_ARRAY) {
        // Unigram: a list whose index is the id
        long index = -1;
        while (value.nextToken() != JsonToken.END_ARRAY) {
          value.skipChildren();
          index++;
        }
        largest = Math.max(largest, index);
      } else {
        value.skipChildren();
      }
    }
  }

  private void added(JsonParser value) throws IOException {
    while (value.nextToken() == JsonToken.START_OBJECT) {
      while (value.nextToken() == JsonToken.FIELD_NAME) {
        boolean id = value.currentName().equals("id");
        value.nextToken();
        if (id) {
          id(value);
        } else {
          value.skipChildren();
        }
      }
    }
  }

  private void id(JsonParser value) throws IOException {
    if (value.currentToken() == JsonToken.VALUE_NUMBER_INT) {
      largest = Math.max(largest, value.getLongValue());
    } else {
      value.skipChildren();
    }
  }
}
