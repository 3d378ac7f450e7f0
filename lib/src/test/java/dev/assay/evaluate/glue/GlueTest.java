package dev.assay.evaluate.glue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.evaluate.Fixtures;
import dev.assay.task.Dataset;
import dev.assay.task.Example;
import dev.assay.task.Split;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GlueTest {
  private static final Set<Glue> SINGLE = Set.of(Glue.SST2, Glue.COLA);

  @ParameterizedTest
  @CsvSource({
    "SST2, '0 1 1'",
    "MRPC, '1 0 1'",
    "RTE, '0 1 0'",
    "QNLI, '0 1 0 1'",
    "COLA, '1 0 1 0'",
    "QQP, '1 0 0 1'",
    "MNLI, '2 1 0 0'",
    "MNLI_MISMATCHED, '2 1'",
    "WNLI, '1 0 1'"
  })
  void numbersLabelsAsHuggingFaceDoes(Glue task, String numbers) {
    Dataset data = Fixtures.read(task, Split.DEV);
    assertThat(data.labels())
        .containsExactly(
            List.of(numbers.split(" ")).stream().mapToInt(Integer::parseInt).toArray());
    assertThat(data.treatments()).isEmpty();
  }

  @Test
  void readsScores() {
    Dataset data = Fixtures.read(Glue.STSB, Split.DEV);
    assertThat(data.targets()).containsExactly(4.6, 0, 5, 1.75);
    assertThat(data.examples().get(3).texts())
        .containsExactly("Flood closes rail line", "Flood closes motorway");
  }

  @ParameterizedTest
  @EnumSource(Glue.class)
  void textsAreOneOrTwoAsTheTaskSays(Glue task) {
    assertThat(Fixtures.read(task, Split.DEV).examples())
        .allSatisfy(example -> assertThat(example.texts()).hasSize(SINGLE.contains(task) ? 1 : 2));
  }

  @Test
  void takesTextsExactlyAsTheyStand() {
    assertThat(Fixtures.read(Glue.SST2, Split.DEV).examples())
        .extracting(Example::first)
        .containsExactly(
            "the plot limps , and so does everyone in it . ",
            "the best \"road movie\" of the year ",
            "c'est magnifique – naïve , bright , alive ");
    // A quote that never closes is text, and so is one at the end.
    List<Example> mrpc = Fixtures.read(Glue.MRPC, Split.DEV).examples();
    assertThat(mrpc.get(0).first()).startsWith("The \"river rose").endsWith("council said.");
    assertThat(mrpc.get(1).second()).isEqualTo("Shares of the brewery rose 3 percent.\"");
    assertThat(Fixtures.read(Glue.COLA, Split.DEV).examples().get(0).first())
        .isEqualTo("The gardener watered the roses.");
    assertThat(Fixtures.read(Glue.QQP, Split.DEV).examples().get(2).first()).isEmpty();
    assertThat(Fixtures.read(Glue.MNLI, Split.DEV).examples().get(2).texts())
        .containsExactly("Two of the five judges disagreed.", "The judges were not unanimous.");
  }

  @Test
  void theTrainFileOfMnliHasItsOwnColumns() {
    assertThat(Fixtures.read(Glue.MNLI, Split.TRAIN).labels()).containsExactly(0);
    assertThat(Fixtures.read(Glue.MNLI_MISMATCHED, Split.TRAIN).labels()).containsExactly(0);
  }

  @Test
  void brokenQuestionsOfQqpAreDroppedAndCounted() {
    Dataset data = Fixtures.read(Glue.QQP, Split.TRAIN);
    assertThat(data.examples())
        .extracting(Example::first)
        .containsExactly("How do I learn to swim?", "Where is Tromsø?");
    assertThat(data.examples()).extracting(Example::row).containsExactly(0, 1);
    assertThat(data.treatments())
        .singleElement()
        .asString()
        .startsWith("Dropped 3 lines with too few columns of ")
        .endsWith("train.tsv");
  }

  @Test
  void lineEndsMarksAndLastLinesDoNotMatter(@TempDir Path directory) {
    String plain = "sentence\tlabel\nEin Bär \t1\nzwei\t0\n";
    List<Example> expected =
        Fixtures.read(Glue.SST2, Fixtures.write(directory, "dev.tsv", plain), Split.DEV).examples();
    assertThat(expected).hasSize(2);
    for (String variant :
        List.of(
            plain.replace("\n", "\r\n"),
            "\uFEFF" + plain,
            plain.stripTrailing(),
            plain.replace("\n", "\r\n").stripTrailing(),
            plain + "\n\r\n\n")) {
      assertThat(
              Fixtures.read(Glue.SST2, Fixtures.write(directory, "dev.tsv", variant), Split.DEV)
                  .examples())
          .isEqualTo(expected);
    }
  }

  @Test
  void columnsAreFoundByName(@TempDir Path directory) {
    String text = "label\tnotes\tsentence2\tsentence1\nentailment\t\tb\ta\n";
    Dataset data = Fixtures.read(Glue.RTE, Fixtures.write(directory, "dev.tsv", text), Split.DEV);
    assertThat(data.examples()).containsExactly(new Example(0, List.of("a", "b"), 0));
  }

  @Test
  void aCarriageReturnWithinALineIsText(@TempDir Path directory) {
    String text = "sentence\tlabel\na\rb\t1\n";
    Dataset data = Fixtures.read(Glue.SST2, Fixtures.write(directory, "dev.tsv", text), Split.DEV);
    assertThat(data.examples().get(0).first()).isEqualTo("a\rb");
  }

  @Test
  void readsAcrossBlocksAndDigestsTheWholeFile(@TempDir Path directory) throws Exception {
    StringBuilder text = new StringBuilder("sentence\tlabel\n");
    // Two-byte letters on lines of varying length, so blocks end in lines and letters.
    for (int i = 0; i < 30_000; i++) {
      text.append("é".repeat(i % 97)).append(i).append('\t').append(i % 2).append('\n');
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    assertThat(bytes.length).isGreaterThan(2 << 20);
    Dataset data = Fixtures.read(Glue.SST2, Fixtures.write(directory, "dev.tsv", bytes), Split.DEV);
    assertThat(data.examples())
        .isEqualTo(
            IntStream.range(0, 30_000)
                .mapToObj(i -> new Example(i, List.of("é".repeat(i % 97) + i), i % 2))
                .toList());
    assertThat(data.sha256())
        .isEqualTo(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
  }

  @Test
  void fewerRowsAreARecordedTreatment() {
    Dataset data = Fixtures.read(Glue.RTE, Split.DEV);
    assertThat(data.sample(3, 7)).isSameAs(data);
    Dataset two = data.sample(2, 7);
    assertThat(two.treatments()).containsExactly("Only 2 of 3 rows, drawn by the seed");
    assertThat(two.sha256()).isEqualTo(data.sha256());
  }

  @Test
  void samplesAreDrawnBySeedAndNest() {
    List<Example> examples =
        IntStream.range(0, 200).mapToObj(i -> new Example(i, List.of("t" + i), i % 2)).toList();
    Dataset data = new Dataset("f", "0", examples, List.of());
    Dataset larger = data.sample(120, 5);
    Set<Integer> before = Set.of();
    for (int rows : new int[] {1, 7, 60, 120}) {
      Dataset some = data.sample(rows, 5);
      assertThat(some.size()).isEqualTo(rows);
      assertThat(some.fileRows()).isSorted().doesNotHaveDuplicates().containsAll(before);
      for (int i = 0; i < rows; i++) {
        int row = some.fileRows().get(i);
        assertThat(some.examples().get(i)).isEqualTo(new Example(i, List.of("t" + row), row % 2));
      }
      before = Set.copyOf(some.fileRows());
    }
    assertThat(data.sample(120, 5)).isEqualTo(larger);
    assertThat(data.sample(120, 6).fileRows()).isNotEqualTo(larger.fileRows());
    // Neither the beginning nor the end of the file is preferred.
    assertThat(larger.fileRows().stream().filter(row -> row < 100).count()).isBetween(45L, 75L);
  }

  @Test
  void everyTaskIsFoundByItsName() {
    assertThat(Glue.ids())
        .containsExactly(
            "sst2", "mrpc", "rte", "qnli", "cola", "stsb", "qqp", "mnli", "mnli-mm", "wnli");
    assertThat(Glue.values()).allSatisfy(task -> assertThat(Glue.named(task.id())).contains(task));
    assertThat(Glue.named("RTE")).isEmpty();
    assertThat(Split.named("dev")).contains(Split.DEV);
    assertThat(Split.named("test")).isEmpty();
  }
}
