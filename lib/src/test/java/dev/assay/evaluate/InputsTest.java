package dev.assay.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.RealWeights;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.evaluate.pairs.EmbeddedPairs;
import dev.assay.evaluate.pairs.SimilarityTask;
import dev.assay.family.ModelConfig;
import dev.assay.model.ModelLoader;
import dev.assay.model.Pooling;
import dev.assay.model.TokenIds;
import dev.assay.model.Tokenizer;
import dev.assay.task.Dataset;
import dev.assay.task.Example;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InputsTest {
  private static final int BATCH_TOKENS = 2048;

  private final List<Inputs.Input> texts = texts(3000, 512);

  @Test
  void everyInputIsInOneBatchOfOneShard() {
    List<Inputs.Shard> shards = inputs(texts).shards();
    assertThat(shards).hasSizeGreaterThan(5);
    assertThat(shards.stream().flatMap(shard -> shard.batches().stream()).flatMap(List::stream))
        .containsExactlyInAnyOrderElementsOf(texts);
  }

  @Test
  void aBatchHoldsSoManyTokensOrOneText() {
    for (Inputs.Shard shard : inputs(texts).shards()) {
      for (List<Inputs.Input> batch : shard.batches()) {
        int longest = batch.stream().mapToInt(Inputs.Input::length).max().orElseThrow();
        assertThat(batch.size() == 1 || batch.size() * longest <= BATCH_TOKENS).isTrue();
      }
    }
    List<Inputs.Input> tooLong = List.of(text(0, BATCH_TOKENS + 1), text(1, BATCH_TOKENS + 1));
    assertThat(numbers(tooLong)).containsExactly(List.of(List.of(0), List.of(1)));
  }

  @Test
  void shardsFollowFromTheInputsAlone() {
    List<Inputs.Input> shuffled = new ArrayList<>(texts(3000, 512));
    Collections.shuffle(shuffled, new Random(2));
    assertThat(numbers(shuffled)).isEqualTo(numbers(texts));
  }

  @Test
  void aPrefixStandsBeforeTextsThatAreEmbeddedAndChangesTheDigest() throws IOException {
    Dataset data = new Dataset("f", "0", List.of(new Example(0, List.of("a", "b"), 1)), List.of());
    ModelConfig config =
        ModelLoader.config(RealWeights.folder(), Checkpoint.open(RealWeights.folder()));
    try (Tokenizer tokenizer = Tokenizer.open(RealWeights.folder(), config, 16)) {
      Inputs together = Inputs.of(List.of(List.of("a", "b")), tokenizer);
      Inputs plain = embedded(data, "", tokenizer);
      Inputs prefixed = embedded(data, "b ", tokenizer);
      assertThat(ids(together)).containsExactly(List.of(101, 1037, 102, 1038, 102));
      assertThat(ids(plain)).containsExactly(List.of(101, 1037, 102), List.of(101, 1038, 102));
      assertThat(ids(prefixed))
          .containsExactly(List.of(101, 1038, 1037, 102), List.of(101, 1038, 1038, 102));
      assertThat(prefixed.sha256())
          .isNotEqualTo(plain.sha256())
          .isEqualTo(embedded(data, "b ", tokenizer).sha256());
      assertThat(prefixed.truncated()).isZero();
      assertThat(Inputs.of(List.of(List.of("a ".repeat(20))), tokenizer).truncated()).isOne();
    }
  }

  private static Inputs embedded(Dataset data, String prefix, Tokenizer tokenizer) {
    Embeddings request = new Embeddings(Pooling.MEAN, List.of());
    return new SimilarityTask(new EmbeddedPairs(data, request, prefix), List.of())
        .inputs(tokenizer);
  }

  private static List<List<Integer>> ids(Inputs inputs) {
    return inputs.all().stream()
        .map(input -> IntStream.of(input.tokens().ids()).boxed().toList())
        .toList();
  }

  @Test
  void noInputsAreNoShards() {
    assertThat(inputs(List.of()).shards()).isEmpty();
  }

  private static List<List<List<Integer>>> numbers(List<Inputs.Input> texts) {
    return inputs(texts).shards().stream()
        .map(
            shard ->
                shard.batches().stream()
                    .map(batch -> batch.stream().map(Inputs.Input::number).toList())
                    .toList())
        .toList();
  }

  private static Inputs inputs(List<Inputs.Input> texts) {
    return new Inputs(texts);
  }

  private static List<Inputs.Input> texts(int count, int longest) {
    Random random = new Random(1);
    return IntStream.range(0, count).mapToObj(i -> text(i, 1 + random.nextInt(longest))).toList();
  }

  private static Inputs.Input text(int number, int length) {
    return new Inputs.Input(number, new TokenIds(new int[length], new int[length], false));
  }
}
