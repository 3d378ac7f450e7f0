package dev.assay.jobs.steps.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.LocalFolder;
import dev.assay.jobs.Repository;
import dev.assay.model.ModelLoader;
import dev.assay.model.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InputsTest {
  private static final int BATCH_TOKENS = 2048;

  private final List<Inputs.Text> texts = texts(3000, 512);

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
      for (List<Inputs.Text> batch : shard.batches()) {
        int longest = batch.stream().mapToInt(Inputs.Text::length).max().orElseThrow();
        assertThat(batch.size() == 1 || batch.size() * longest <= BATCH_TOKENS).isTrue();
      }
    }
    List<Inputs.Text> tooLong = List.of(text(0, BATCH_TOKENS + 1), text(1, BATCH_TOKENS + 1));
    assertThat(numbers(tooLong)).containsExactly(List.of(List.of(0), List.of(1)));
  }

  @Test
  void shardsFollowFromTheInputsAlone() {
    List<Inputs.Text> shuffled = new ArrayList<>(texts(3000, 512));
    Collections.shuffle(shuffled, new Random(2));
    assertThat(numbers(shuffled)).isEqualTo(numbers(texts));
  }

  @Test
  void aPrefixStandsBeforeSingleTextsAndChangesTheDigest() throws IOException {
    LocalFolder model = new LocalFolder(Repository.MINILM);
    List<List<String>> inputs = List.of(List.of("a"), List.of("a", "b"));
    try (Tokenizer tokenizer =
        Tokenizer.open(model, ModelLoader.config(model, Checkpoint.open(model)), 16)) {
      Inputs plain = Inputs.of(inputs, "", tokenizer);
      Inputs prefixed = Inputs.of(inputs, "b ", tokenizer);
      assertThat(plain.texts().get(0).ids()).containsExactly(101, 1037, 102);
      assertThat(prefixed.texts().get(0).ids()).containsExactly(101, 1038, 1037, 102);
      assertThat(prefixed.texts().get(1).ids()).containsExactly(101, 1037, 102, 1038, 102);
      assertThat(prefixed.sha256())
          .isNotEqualTo(plain.sha256())
          .isEqualTo(Inputs.of(inputs, "b ", tokenizer).sha256());
    }
  }

  @Test
  void noInputsAreNoShards() {
    assertThat(inputs(List.of()).shards()).isEmpty();
  }

  private static List<List<List<Integer>>> numbers(List<Inputs.Text> texts) {
    return inputs(texts).shards().stream()
        .map(
            shard ->
                shard.batches().stream()
                    .map(batch -> batch.stream().map(Inputs.Text::number).toList())
                    .toList())
        .toList();
  }

  private static Inputs inputs(List<Inputs.Text> texts) {
    return new Inputs(texts, 0);
  }

  private static List<Inputs.Text> texts(int count, int longest) {
    Random random = new Random(1);
    return IntStream.range(0, count).mapToObj(i -> text(i, 1 + random.nextInt(longest))).toList();
  }

  private static Inputs.Text text(int number, int length) {
    return new Inputs.Text(number, new int[length], new int[length]);
  }
}
