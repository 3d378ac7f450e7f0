package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What cannot be evaluated is said in one line before any work: exit status 2, nothing written. */
class EvaluateBadInputTest {
  private static final String[] RTE = {"entailment", "not_entailment"};

  @TempDir Path temporary;

  private Path model;
  private Path rte;
  private Path stsb;

  /** What is done to a sound model and its data. */
  private interface Damage {
    void to(Path model, Path data) throws IOException;
  }

  private static final Damage NONE = (model, data) -> {};

  @BeforeEach
  void sound() throws IOException {
    model = temporary.resolve("model");
    rte = TinyBert.rte(temporary.resolve("rte"));
    stsb = TinyBert.stsb(temporary.resolve("stsb"));
  }

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  static Stream<Arguments> damages() {
    return Stream.of(
        bad(
            "the tokenizer of a larger model",
            RTE,
            (model, data) -> TinyBert.tokenizer(model, 13),
            "task=rte",
            "tokenizer.json: Makes tokens up to 12, but the model has embeddings for 12",
            "belongs to another model"),
        bad(
            "no tokenizer",
            RTE,
            (model, data) -> Files.delete(model.resolve("tokenizer.json")),
            "task=rte",
            "/model: Has no tokenizer.json"),
        bad(
            "a file that is no tokenizer",
            RTE,
            (model, data) -> Files.writeString(model.resolve("tokenizer.json"), "{\"a\": 1}"),
            "task=rte",
            "tokenizer.json: Is not a tokenizer"),
        bad(
            "a label of another task in id2label",
            new String[] {"entailment", "maybe"},
            NONE,
            "task=rte",
            "/model: id2label has 'maybe', which is no label of task rte",
            "entailment, not_entailment"),
        bad(
            "id2label of another head",
            RTE,
            (model, data) -> replace(model.resolve("config.json"), "\"1\": \"not", "\"7\": \"not"),
            "task=rte",
            "config.json: id2label has the keys [0, 7]"),
        bad(
            "fewer labels than outputs",
            RTE,
            (model, data) ->
                replace(model.resolve("config.json"), ", \"1\": \"not_entailment\"", ""),
            "task=rte",
            "config.json: Names 1 classes, but the head has 2 outputs"),
        bad(
            "a label in the data that is none",
            RTE,
            (model, data) -> replace(data.resolve("dev.tsv"), "not_entailment", "neutral"),
            "task=rte",
            "dev.tsv, line 3: Column 'label' is 'neutral'",
            "entailment, not_entailment"),
        bad(
            "a missing column",
            RTE,
            (model, data) -> replace(data.resolve("dev.tsv"), "sentence2", "sentence_2"),
            "task=rte",
            "dev.tsv, line 1: Has no column 'sentence2'"),
        bad(
            "an empty file",
            RTE,
            (model, data) -> Files.write(data.resolve("dev.tsv"), new byte[0]),
            "task=rte",
            "dev.tsv"),
        bad(
            "a header alone",
            RTE,
            (model, data) ->
                Files.writeString(data.resolve("dev.tsv"), "index\tsentence1\tsentence2\tlabel\n"),
            "task=rte",
            "dev.tsv: Has no rows"),
        bad(
            "three outputs for two classes",
            new String[] {"entailment", "neutral", "contradiction"},
            NONE,
            "task=rte",
            "/model: The model's head has 3 outputs, and task rte needs 2"),
        bad(
            "a regression head for classes",
            new String[] {"LABEL_0"},
            NONE,
            "task=rte",
            "/model: The model's head has 1 output, and task rte needs 2"),
        bad(
            "an embedding model for classes",
            new String[] {},
            NONE,
            "task=rte",
            "/model: The model has no classification head, which task rte needs"),
        bad(
            "a classifier for scores",
            RTE,
            NONE,
            "task=stsb",
            "/model: The model's head has 2 outputs, and task stsb needs 1 (a score)"),
        bad(
            "a classifier for paraphrases",
            RTE,
            NONE,
            "task=paraphrase",
            "/model: The model's head has 2 outputs, and task paraphrase needs a model of sentence"
                + " embeddings"),
        bad(
            "no room for a text",
            RTE,
            NONE,
            "task=rte max-length=4",
            "tokenizer.json: A longest text of 4 tokens leaves no room"),
        bad(
            "an unknown pooling",
            new String[] {},
            NONE,
            "task=stsb pooling=max",
            "pooling = max",
            "auto, cls, mean"),
        bad(
            "a pooling for a classifier",
            RTE,
            NONE,
            "task=rte pooling=cls",
            "pooling: The model classifies"),
        bad(
            "a prefix for a classifier",
            RTE,
            NONE,
            "task=rte prefix=query",
            "prefix: The model classifies"),
        bad(
            "another pooling than the model's",
            new String[] {},
            (model, data) -> pooling(model, "cls_token"),
            "task=stsb pooling=mean",
            "pooling: mean is asked for",
            "/model says cls"),
        bad(
            "a pooling that is not computed",
            new String[] {},
            (model, data) -> pooling(model, "max_tokens"),
            "task=stsb",
            "1_Pooling/config.json: Pooling by 'max' cannot be computed"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("damages")
  void isRefused(String name, String[] labels, Damage damage, String asked, List<String> said)
      throws IOException {
    TinyBert.write(model, labels);
    Path data = asked.contains("stsb") ? stsb : rte;
    damage.to(model, data);
    Path out = temporary.resolve("out");
    List<String> arguments =
        Sweeps.arguments(out, "model=\"" + model + "\"", "recipes=[{method=dense}]");
    arguments.addAll(List.of(asked.split(" ")));
    if (!asked.contains("paraphrase")) {
      arguments.add("data=\"" + data + "\"");
    }
    Sweeps.Ended ended = Sweeps.command("sweep", arguments);
    assertThat(ended.err()).startsWith("assay: ").contains(said).hasLineCount(1);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.status()).isEqualTo(Main.BAD_INPUT);
    assertThat(out).doesNotExist();
  }

  private static void pooling(Path model, String mode) throws IOException {
    Files.writeString(
        Files.createDirectory(model.resolve("1_Pooling")).resolve("config.json"),
        "{\"pooling_mode_" + mode + "\": true}");
  }

  private static void replace(Path file, String old, String by) throws IOException {
    String text = Files.readString(file);
    assertThat(text).contains(old);
    Files.writeString(file, text.replace(old, by));
  }

  private static Arguments bad(
      String name, String[] labels, Damage damage, String asked, String... said) {
    return Arguments.of(name, labels, damage, asked, List.of(said));
  }
}
