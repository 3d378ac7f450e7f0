package dev.assay.jobs.steps.evaluate;

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

/**
 * A task's inputs as tokens, made once on the driver, cut into batches of texts of like length. The
 * batches are the same whatever runs them, and so are the sums in them.
 *
 * @param texts tokens of every input
 * @param truncated inputs that were longer than the model can take
 */
record Inputs(List<Text> texts, int truncated) implements Serializable {
  private static final int BATCH_TOKENS = 2048;
  private static final int SHARD_TOKENS = 16 * BATCH_TOKENS;

  /** One input's tokens. */
  record Text(int number, int[] ids, int[] types) implements Serializable {
    int length() {
      return ids.length;
    }

    TokenIds tokens() {
      return new TokenIds(ids, types, false);
    }
  }

  /**
   * Inputs that one task computes.
   *
   * @param batches numbers of the inputs of each batch
   */
  record Shard(List<List<Text>> batches) implements Serializable {}

  /**
   * Tokenizes.
   *
   * @param inputs single texts and pairs
   * @param prefix what stands before a single text
   */
  static Inputs of(List<List<String>> inputs, String prefix, Tokenizer tokenizer) {
    List<Text> texts = new ArrayList<>();
    int truncated = 0;
    for (List<String> input : inputs) {
      TokenIds tokens =
          input.size() == 1
              ? tokenizer.encode(prefix + input.get(0))
              : tokenizer.encode(input.get(0), input.get(1));
      texts.add(new Text(texts.size(), tokens.ids(), tokens.types()));
      truncated += tokens.truncated() ? 1 : 0;
    }
    return new Inputs(List.copyOf(texts), truncated);
  }

  /** Digest of all tokens: of everything that texts, tokenizer and longest input decide. */
  String sha256() {
    MessageDigest digest = Digests.sha256();
    for (Text text : texts) {
      ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * (1 + 2 * text.length()));
      bytes.putInt(text.length());
      bytes.asIntBuffer().put(text.ids()).put(text.types());
      digest.update(bytes.array());
    }
    return Digests.hex(digest);
  }

  /** The inputs by length, in batches of about equal tokens, padding included, and in shards. */
  List<Shard> shards() {
    List<Text> byLength = new ArrayList<>(texts);
    byLength.sort(Comparator.comparingInt(Text::length).reversed().thenComparing(Text::number));
    List<Shard> shards = new ArrayList<>();
    List<List<Text>> batches = new ArrayList<>();
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
  static Batch batch(List<Text> texts) {
    return Batch.of(texts.stream().map(Text::tokens).toList());
  }
}
