package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small encoders learn small tasks through the command. */
class FinetuneTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path temporary;

  private Path encoder;
  private Path data;

  @BeforeEach
  void write() throws IOException {
    encoder = TinyBert.write(temporary.resolve("encoder"));
    Files.writeString(encoder.resolve("modules.json"), "[]");
    data = Files.createDirectories(temporary.resolve("rte"));
    Files.writeString(data.resolve("train.tsv"), rows(150, 1));
    Files.writeString(data.resolve("dev.tsv"), rows(60, 2));
  }

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  /** Entailment where a sentence says a, not where it says h. */
  private static String rows(int count, long seed) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder("index\tsentence1\tsentence2\tlabel\n");
    for (int row = 0; row < count; row++) {
      boolean entails = random.nextBoolean();
      text.append(row).append('\t').append(word(random)).append(' ').append(word(random));
      text.append('\t').append(word(random)).append(entails ? " a\t" : " h\t");
      text.append(entails ? "entailment\n" : "not_entailment\n");
    }
    return text.toString();
  }

  private static char word(Random random) {
    return "bcdefg".charAt(random.nextInt(6));
  }

  private List<String> arguments(String to, String... more) {
    List<String> arguments = new ArrayList<>();
    arguments.add("model=\"" + encoder + "\"");
    arguments.add("task=rte");
    arguments.add("data=\"" + data + "\"");
    arguments.add("to=\"" + temporary.resolve(to) + "\"");
    arguments.addAll(List.of("epochs=12", "learning-rate=1e-2"));
    arguments.addAll(List.of(more));
    return arguments;
  }

  private JsonNode json(String file) throws IOException {
    return JSON.readTree(Files.readAllBytes(temporary.resolve(file)));
  }

  @Test
  void aClassifierIsLearnedAndAnswersASweepAlike() throws IOException {
    Sweeps.Ended ended =
        Sweeps.command("finetune", arguments("classifier", "learned=all", "dropout=0"));
    assertThat(ended.status()).as(ended.err()).isEqualTo(Main.OK);
    assertThat(ended.out())
        .startsWith("Wrote " + temporary.resolve("classifier") + ", the model after epoch 12\n")
        .contains("transformers.AutoModelForSequenceClassification.from_pretrained(");
    assertThat(ended.err())
        .contains("Learning rte from 150 examples (epochs 12, batch 16, seed 0, new head)")
        .contains("epoch 12: loss ");
    try (Stream<Path> files = Files.list(temporary.resolve("classifier"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "assay.json",
              "config.json",
              "model.safetensors",
              "tokenizer.json",
              "tokenizer_config.json");
    }
    assertThat(json("classifier/config.json").path("id2label").path("1").asText())
        .isEqualTo("not_entailment");
    assertThat(json("classifier/config.json").path("architectures").path(0).asText())
        .isEqualTo("BertForSequenceClassification");
    JsonNode epochs = json("classifier/assay.json").path("progress");
    assertThat(epochs.path(11).path("loss").asDouble()).isLessThan(0.5);
    assertThat(epochs.path(0).path("loss").asDouble())
        .isGreaterThan(epochs.path(11).path("loss").asDouble());
    assertThat(correct(epochs.path(11))).isGreaterThan(50);
    assertThat(sweptCorrect("classifier")).containsExactly(correct(epochs.path(11)));
  }

  @Test
  void threadsChangeNothingAndTheSeedDoes() throws IOException {
    String file = "model.safetensors";
    byte[] one = Files.readAllBytes(learned("one", "threads=1", "epochs=1").resolve(file));
    byte[] three = Files.readAllBytes(learned("three", "threads=3", "epochs=1").resolve(file));
    byte[] other = Files.readAllBytes(learned("other", "epochs=1", "seed=1").resolve(file));
    assertThat(three).isEqualTo(one);
    assertThat(other).isNotEqualTo(one);
  }

  private Path learned(String to, String... more) {
    Sweeps.Ended ended = Sweeps.command("finetune", arguments(to, more));
    assertThat(ended.status()).as(ended.err()).isEqualTo(Main.OK);
    return temporary.resolve(to);
  }

  @Test
  void theBestEpochMayBeKept() throws IOException {
    List<String> arguments =
        arguments("best", "learned=all", "dropout=0", "epochs=4", "learning-rate=0.5", "keep=best");
    Sweeps.Ended ended = Sweeps.command("finetune", arguments);
    assertThat(ended.status()).as(ended.err()).isEqualTo(Main.OK);
    JsonNode record = json("best/assay.json");
    JsonNode epochs = record.path("progress");
    int best = 0;
    for (int i = 1; i < epochs.size(); i++) {
      if (correct(epochs.path(i)) > correct(epochs.path(best))) {
        best = i;
      }
    }
    assertThat(record.path("kept_epoch").asInt()).isEqualTo(best + 1);
    assertThat(sweptCorrect("best")).containsExactly(correct(epochs.path(best)));
  }

  private static int correct(JsonNode epoch) {
    return epoch.path("dev_correct").asInt();
  }

  /** How many rows the dense model of a sweep answers right. */
  private List<Object> sweptCorrect(String classifier) {
    Sweeps.run(
        Sweeps.settings(
            temporary.resolve("out"),
            "model=\"" + temporary.resolve(classifier) + "\"",
            "recipes=[{method=dense}]",
            "task=rte",
            "data=\"" + data + "\""));
    return Sweeps.files(temporary.resolve("out"))
        .column("SELECT correct FROM ${model_metrics} WHERE metric = 'accuracy'");
  }

  /** The head of one task goes on with another of the same labels, and not with others. */
  @Test
  void aTaskIsLearnedByWayOfAnother() throws IOException {
    encoder = learned("first", "epochs=1");
    Sweeps.Ended again = Sweeps.command("finetune", arguments("again", "epochs=1"));
    assertThat(again.err()).contains("kept head");
    Files.writeString(
        data.resolve("train.tsv"), "sentence1\tsentence2\tscore\na b\ta\t4.5\nc\th\t0.5\n");
    Files.delete(data.resolve("dev.tsv"));
    Sweeps.Ended scores =
        Sweeps.command("finetune", arguments("scores", "task=stsb", "epochs=1", "learned=all"));
    assertThat(scores.status()).as(scores.err()).isEqualTo(Main.OK);
    assertThat(scores.err()).contains("new head").contains("epoch 1: loss ").doesNotContain("dev");
    assertThat(json("scores/config.json").path("id2label")).hasSize(1);
  }

  @Test
  void whatCannotBeLearnedIsOneMessageAndLeavesNothing() throws IOException {
    assertRefused(arguments("to", "task=rty"), "task = rty", "'rte'");
    assertRefused(arguments("to", "task=paraphrase"), "task = paraphrase");
    assertRefused(arguments("to", "learning-rte=1"), "learning-rte", "learning-rate");
    assertRefused(arguments("to", "dropout=1"), "dropout = 1");
    assertRefused(arguments("to").subList(1, 4), "model", "missing");
    assertRefused(arguments("to", "task=mrpc"), "Quality");
    assertRefused(arguments("encoder"), "encoder: Exists already");
    assertRefused(arguments("encoder/config.json/to"), "Cannot be written");
    poison(encoder.resolve("model.safetensors"));
    assertRefused(arguments("to"), "learning-rate", "the loss of step 0 is NaN");
    Files.delete(data.resolve("dev.tsv"));
    assertRefused(arguments("to", "keep=best"), "Has no file dev.tsv, by which keep = best");
    Files.delete(encoder.resolve("tokenizer.json"));
    assertRefused(arguments("to"), "Has no tokenizer.json");
    Files.delete(data.resolve("train.tsv"));
    assertRefused(arguments("to"), "Has no file train.tsv");
  }

  /** Makes the last number of a file NaN. */
  private static void poison(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(bytes.length - 4, Float.NaN);
    Files.write(file, bytes);
  }

  private void assertRefused(List<String> arguments, String... messages) throws IOException {
    Sweeps.Ended ended = Sweeps.command("finetune", arguments);
    assertThat(ended.status()).as(arguments + ended.err()).isEqualTo(Main.BAD_INPUT);
    assertThat(ended.err()).contains("assay: ").contains(messages).doesNotContain("\tat ");
    assertThat(ended.out()).isEmpty();
    try (Stream<Path> left = Files.list(temporary)) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("encoder", "rte");
    }
  }
}
