package dev.assay.evaluate;

import dev.assay.checkpoint.Digests;
import dev.assay.model.Batch;
import dev.assay.model.TokenIds;
import dev.assay.model.Tokenizer;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A task's inputs as tokens, made once, cut into batches of inputs of like length. The batches are
 * the same whatever runs them, and so are the sums in them.
 *
 * @param all every input, by number
 */
public record Inputs(List<Input> all) implements Serializable {
  private static final int BATCH_TOKENS = 2048;
  private static final int SHARD_TOKENS = 16 * BATCH_TOKENS;

  /** Copies the list. */
  public Inputs {
    all = List.copyOf(all);
  }

  /** One input's tokens. */
  public record Input(int number, TokenIds tokens) implements Serializable {
    /** Number of tokens. */
    public int length() {
      return tokens.length();
    }
  }

  /**
   * Inputs that are computed together.
   *
   * @param batches the inputs of each batch
   */
  public record Shard(List<List<Input>> batches) implements Serializable {}

  /** Inputs that are numbered by their place. */
  public static Inputs of(List<TokenIds> tokens) {
    return new Inputs(
        IntStream.range(0, tokens.size()).mapToObj(i -> new Input(i, tokens.get(i))).toList());
  }

  /**
   * Tokenizes.
   *
   * @param texts of each input: one, or a pair that goes in together
   */
  public static Inputs of(List<List<String>> texts, Tokenizer tokenizer) {
    return of(
        texts.stream()
            .map(
                input ->
                    input.size() == 1
                        ? tokenizer.encode(input.get(0))
                        : tokenizer.encode(input.get(0), input.get(1)))
            .toList());
  }

  /** How many inputs there are. */
  public int size() {
    return all.size();
  }

  /** How many were longer than they may be, and cut. */
  public long truncated() {
    return all.stream().filter(input -> input.tokens().truncated()).count();
  }

  /** Digest of all tokens: of everything that texts, tokenizer and longest input decide. */
  public String sha256() {
    MessageDigest digest = Digests.sha256();
    for (Input input : all) {
      ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * (1 + 2 * input.length()));
      bytes.putInt(input.length());
      bytes.asIntBuffer().put(input.tokens().ids()).put(input.tokens().types());
      digest.update(bytes.array());
    }
    return Digests.hex(digest);
  }

  /** The inputs by length, in batches of about equal tokens, padding included, and in shards. */
  public List<Shard> shards() {
    List<Input> byLength = new ArrayList<>(all);
    byLength.sort(Comparator.comparingInt(Input::length).reversed().thenComparing(Input::number));
    List<Shard> shards = new ArrayList<>();
    List<List<Input>> batches = new ArrayList<>();
    int tokens = 0;
    int from = 0;
    while (from < byLength.size()) {
      int longest = byLength.get(from).length();
      int to = Math.min(byLength.size(), from + Math.max(1, BATCH_TOKENS / longest));
      batches.add(List.copyOf(byLength.subList(from, to)));
      tokens += longest * (to - from);
      from = to;
      if (tokens >= SHARD_TOKENS || from == byLength.size()) {
        shards.add(new Shard(List.copyOf(batches)));
        batches = new ArrayList<>();
        tokens = 0;
      }
    }
    return shards;
  }

  /** A batch as the model takes it. */
  public static Batch batch(List<Input> inputs) {
    return Batch.of(inputs.stream().map(Input::tokens).toList());
  }
}
