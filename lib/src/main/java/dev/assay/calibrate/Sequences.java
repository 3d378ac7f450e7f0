package dev.assay.calibrate;

import dev.assay.checkpoint.Digests;
import dev.assay.model.TokenIds;
import dev.assay.model.Tokenizer;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The token sequences that a model is calibrated on, in blocks of a fixed size: what is summed
 * block by block does not depend on who computes which.
 *
 * @param rows positions of the texts in their source, ascending
 * @param texts their tokens
 */
public record Sequences(List<Integer> rows, List<TokenIds> texts) implements Serializable {
  /** Sequences in a block. */
  public static final int BLOCK = 16;

  public Sequences {
    rows = List.copyOf(rows);
    texts = List.copyOf(texts);
  }

  /**
   * Draws texts at random without replacement and tokenizes them; all of them where there are not
   * more than are wanted.
   *
   * @param texts single texts or pairs
   * @param count how many to draw
   * @param seed which
   */
  public static Sequences draw(
      List<List<String>> texts, int count, long seed, Tokenizer tokenizer) {
    int[] order = IntStream.range(0, texts.size()).toArray();
    SplittableRandom random = new SplittableRandom(seed);
    int drawn = Math.min(count, order.length);
    for (int i = 0; i < drawn; i++) {
      int other = i + random.nextInt(order.length - i);
      int swap = order[i];
      order[i] = order[other];
      order[other] = swap;
    }
    List<Integer> rows = IntStream.of(order).limit(drawn).sorted().boxed().toList();
    List<TokenIds> tokens = new ArrayList<>();
    for (int row : rows) {
      List<String> text = texts.get(row);
      tokens.add(
          text.size() == 1
              ? tokenizer.encode(text.get(0))
              : tokenizer.encode(text.get(0), text.get(1)));
    }
    return new Sequences(rows, tokens);
  }

  /** Number of tokens, special ones included. */
  public long tokens() {
    return texts.stream().mapToLong(TokenIds::length).sum();
  }

  /** How many texts were longer than they may be, and cut. */
  public long truncated() {
    return texts.stream().filter(TokenIds::truncated).count();
  }

  /** Number of blocks. */
  public int blocks() {
    return (texts.size() + BLOCK - 1) / BLOCK;
  }

  /** The texts of a block. */
  public List<TokenIds> block(int block) {
    return texts.subList(block * BLOCK, Math.min(texts.size(), (block + 1) * BLOCK));
  }

  /** Digest of all tokens, their types and their blocks: what the statistics depend on. */
  public String sha256() {
    MessageDigest digest = Digests.sha256();
    add(digest, BLOCK);
    for (TokenIds text : texts) {
      add(digest, text.length());
      for (int i = 0; i < text.length(); i++) {
        add(digest, text.ids()[i]);
        add(digest, text.types()[i]);
      }
    }
    return Digests.hex(digest);
  }

  private static void add(MessageDigest digest, int number) {
    digest.update(ByteBuffer.allocate(4).putInt(number).array());
  }
}
