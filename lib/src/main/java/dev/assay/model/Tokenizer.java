package dev.assay.model;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import dev.assay.InputException;
import dev.assay.checkpoint.ByteSource;
import dev.assay.checkpoint.Folder;
import dev.assay.checkpoint.StrictJson;
import dev.assay.family.ModelConfig;
import java.io.IOException;
import java.util.function.LongUnaryOperator;

/**
 * Turns texts into tokens exactly as the model's {@code tokenizer.json} says, with its special
 * tokens, and as {@link TokenizerOptions tokenizer_config.json} changes it; what the first says of
 * truncation and padding is replaced by what is asked for here.
 *
 * <p>Safe for any number of threads, each tokenizing on its own.
 */
public final class Tokenizer implements AutoCloseable {
  /** Room for the special tokens of a pair and a token of either text. */
  private static final int MIN_LENGTH = 5;

  private final TokenizersLibrary library;
  private final long handle;
  private final String where;
  private final int maxLength;
  private final long vocabulary;
  private final int embeddings;
  private final int types;
  private final boolean typed;
  private final Lease lease;
  private boolean closed;

  private Tokenizer(
      TokenizersLibrary library,
      long handle,
      String where,
      int maxLength,
      long vocabulary,
      ModelConfig config) {
    this.library = library;
    this.handle = handle;
    this.where = where;
    this.maxLength = maxLength;
    this.vocabulary = vocabulary;
    this.embeddings = config.vocabulary();
    // Architectures without types ignore them.
    this.types = config.types() == 0 ? Integer.MAX_VALUE : config.types();
    this.typed = config.types() == 0 || config.family().readsTypes();
    this.lease = new Lease(() -> library.deleteTokenizer(handle));
  }

  /**
   * The tokenizer of the model in {@code folder}, from its {@code tokenizer.json} and {@code
   * tokenizer_config.json}.
   *
   * @param maxLength the most tokens of a text, never more than the model has positions; 0 for
   *     {@code model_max_length} or, where nothing says so, the positions
   * @throws InputException as {@link #of}, if there is no {@code tokenizer.json}, or the other file
   *     is broken
   */
  public static Tokenizer open(Folder folder, ModelConfig config, int maxLength)
      throws IOException {
    if (!folder.files().contains(TokenizerFile.NAME)) {
      throw new InputException(folder.path(), "Has no " + TokenizerFile.NAME, TokenizerFile.FIX);
    }
    try (ByteSource source = folder.open(TokenizerFile.NAME)) {
      if (source.length() > StrictJson.MAX_BYTES) {
        throw new InputException(
            source.path(),
            "Has " + source.length() + " bytes; a JSON file may have " + StrictJson.MAX_BYTES,
            TokenizerFile.FIX);
      }
      byte[] json = new byte[Math.toIntExact(source.length())];
      source.readFully(0, json, 0, json.length);
      TokenizerOptions options = TokenizerOptions.read(folder);
      int longest = maxLength == 0 ? options.longest().orElse(config.positions()) : maxLength;
      return of(json, source.path(), options, config, longest);
    }
  }

  /**
   * A tokenizer from the bytes of a {@code tokenizer.json}.
   *
   * @param where the file, for messages
   * @param maxLength the most tokens of a text, special ones included; the model's positions limit
   *     it too
   * @throws InputException if the file is broken, knows a token for which the model has no
   *     embedding, or {@code maxLength} is below 5
   */
  public static Tokenizer of(byte[] json, String where, ModelConfig config, int maxLength)
      throws IOException {
    return of(json, where, TokenizerOptions.NONE, config, maxLength);
  }

  private static Tokenizer of(
      byte[] json, String where, TokenizerOptions options, ModelConfig config, int maxLength)
      throws IOException {
    int length = Math.min(maxLength, config.positions());
    if (length < MIN_LENGTH) {
      throw new InputException(
          where,
          "A longest text of " + length + " tokens leaves no room beside the special tokens",
          "Allow " + MIN_LENGTH + " or more.");
    }
    TokenizerFile file = TokenizerFile.read(json, where);
    file.apply(options);
    boolean left = options.cutsTheBeginning().orElse(file.cutsTheBeginning());
    if (left) {
      file.cutTheBeginning(length);
    }
    long vocabulary = file.vocabulary();
    if (vocabulary > config.vocabulary()) {
      throw new InputException(
          where,
          "Makes tokens up to "
              + (vocabulary - 1)
              + ", but the model has embeddings for "
              + config.vocabulary(),
          "This tokenizer belongs to another model. " + TokenizerFile.FIX);
    }
    TokenizersLibrary library = TokenizersRuntime.load();
    try {
      long handle = library.createTokenizerFromString(file.encoding());
      library.disablePadding(handle);
      if (!left) {
        library.setTruncation(handle, length, "LONGEST_FIRST", 0);
      }
      return new Tokenizer(library, handle, where, length, vocabulary, config);
    } catch (RuntimeException e) {
      throw new InputException(
          where, "Is not a tokenizer: " + e.getMessage(), TokenizerFile.FIX, e);
    }
  }

  /** The most tokens of a text or pair, special ones included. */
  public int maxLength() {
    return maxLength;
  }

  /** One more than the largest token; at most as many as the model has embeddings. */
  public long vocabulary() {
    return vocabulary;
  }

  /**
   * Tokenizes one text. One longer than {@link #maxLength} loses its end, or its beginning where
   * {@code truncation_side} says so.
   */
  public TokenIds encode(String text) {
    return tokens(tokenizer -> library.encode(tokenizer, text, true));
  }

  /**
   * Tokenizes a pair. Of one longer than {@link #maxLength}, the longer text loses its end first,
   * token by token, until both are equally long ({@code longest_first}).
   */
  public TokenIds encode(String first, String second) {
    return tokens(tokenizer -> library.encodeDual(tokenizer, first, second, true));
  }

  private TokenIds tokens(LongUnaryOperator encode) {
    lease.hold("The tokenizer");
    try {
      long encoding = encode.applyAsLong(handle);
      try {
        TokenIds tokens =
            new TokenIds(
                below(embeddings, "token", library.getTokenIds(encoding)),
                types(library.getTypeIds(encoding)),
                library.getOverflowCount(encoding) > 0);
        if (tokens.length() > maxLength) {
          throw new InputException(
              where,
              "Makes " + tokens.length() + " tokens of a text cut to " + maxLength,
              TokenizerFile.FIX);
        }
        return tokens;
      } finally {
        library.deleteEncoding(encoding);
      }
    } catch (InputException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new InputException(
          where, "Cannot tokenize a text: " + e.getMessage(), TokenizerFile.FIX, e);
    } finally {
      lease.release();
    }
  }

  /** Families that tell texts apart otherwise are given none by Transformers. */
  private int[] types(long[] types) {
    return typed ? below(this.types, "token type", types) : new int[types.length];
  }

  /** A post-processor may put in ids that the vocabulary does not have. */
  private int[] below(int limit, String what, long[] ids) {
    int[] ints = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] < 0 || ids[i] >= limit) {
        throw new InputException(
            where,
            "Makes " + what + " " + ids[i] + ", but the model has embeddings for " + limit,
            "This tokenizer belongs to another model. " + TokenizerFile.FIX);
      }
      ints[i] = (int) ids[i];
    }
    return ints;
  }

  /** Frees the native tokenizer, as soon as no thread uses it. A second call is idle. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    lease.release();
  }
}
