package dev.assay.jobs.steps;

import dev.assay.evaluate.Judge;
import dev.assay.model.Batch;
import dev.assay.model.TokenIds;
import dev.assay.model.Tokenizer;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A task's inputs as tokens, made once on the driver, cut into batches of texts of like length. The
 * batches are the same whatever runs them, and so are the sums in them.
 *
 * @param texts tokens of every input
 * @param output what the model is asked for
 * @param truncated inputs that were longer than the model can take
 */
record Inputs(List<Text> texts, Judge.Output output, int truncated) implements Serializable {
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

  static Inputs of(Judge judge, Tokenizer tokenizer) {
    List<Text> texts = new ArrayList<>();
    int truncated = 0;
    for (List<String> input : judge.inputs()) {
      TokenIds tokens =
          input.size() == 1
              ? tokenizer.encode(input.get(0))
              : tokenizer.encode(input.get(0), input.get(1));
      texts.add(new Text(texts.size(), tokens.ids(), tokens.types()));
      truncated += tokens.truncated() ? 1 : 0;
    }
    return new Inputs(List.copyOf(texts), judge.output(), truncated);
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
