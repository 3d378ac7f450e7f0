package dev.assay.finetune;

import dev.assay.model.TokenIds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** In which order examples are learned from, and which of them go through the model together. */
final class Order {
  /** Examples that one thread takes at a time. */
  private static final int PART = 4;

  private Order() {}

  /**
   * The batches of one epoch: all examples once, in an order drawn by {@code seed}.
   *
   * @param examples how many there are
   * @param size of a batch; the last may be smaller
   */
  static List<List<Integer>> batches(int examples, int size, long seed) {
    int[] order = IntStream.range(0, examples).toArray();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = examples - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int swap = order[i];
      order[i] = order[other];
      order[other] = swap;
    }
    List<Integer> shuffled = IntStream.of(order).boxed().toList();
    List<List<Integer>> batches = new ArrayList<>();
    for (int from = 0; from < examples; from += size) {
      batches.add(shuffled.subList(from, Math.min(examples, from + size)));
    }
    return batches;
  }

  /** Some examples in parts of equal size and like length, the longest first. */
  static List<List<Integer>> parts(List<Integer> examples, List<TokenIds> texts) {
    List<Integer> byLength =
        examples.stream()
            .sorted(
                Comparator.comparingInt((Integer example) -> texts.get(example).length())
                    .reversed()
                    .thenComparing(Comparator.naturalOrder()))
            .toList();
    List<List<Integer>> parts = new ArrayList<>();
    for (int from = 0; from < byLength.size(); from += PART) {
      parts.add(byLength.subList(from, Math.min(byLength.size(), from + PART)));
    }
    return parts;
  }
}
