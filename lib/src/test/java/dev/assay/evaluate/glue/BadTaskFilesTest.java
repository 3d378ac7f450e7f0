package dev.assay.evaluate.glue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.InputException;
import dev.assay.checkpoint.LocalFolder;
import dev.assay.evaluate.Fixtures;
import dev.assay.task.Split;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every message names the file, the line where there is one, and the offending value. */
class BadTaskFilesTest {
  private static final String RTE = "index\tsentence1\tsentence2\tlabel\n";

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "RTE  | ''                                   | dev.tsv: Is empty",
        "COLA | ''                                   | dev.tsv: Has no rows",
        "RTE  | H                                    | dev.tsv: Has no rows",
        "RTE  | H~~~                                 | dev.tsv: Has no rows",
        "RTE  | H0>a>b>entailment~1>c>d~             | dev.tsv, line 3: Has 3 columns, not 4",
        "RTE  | H0>a>b>entailment~1>c>d>e>entailment | dev.tsv, line 3: Has 5 columns, not 4",
        "RTE  | H0 a b entailment                    | dev.tsv, line 2: Has 1 columns, not 4",
        "RTE  | H0>a>b>entailment~~1>c>d>entailment  | dev.tsv, line 3: Is empty, and rows follow",
        "RTE  | H0>a>b>maybe                         | dev.tsv, line 2: Column 'label' is 'maybe'",
        "RTE  | H0>a>b>Entailment                    | dev.tsv, line 2: Column 'label' is 'Entail",
        "RTE  | H0>a>b>                              | dev.tsv, line 2: Column 'label' is empty",
        "RTE  | H0>a>b>-1                            | dev.tsv, line 2: Column 'label' is '-1'",
        "RTE  | index>sentence1>sentence2~0>a>b      | line 1: Has no column 'label'; its columns",
        "RTE  | 0>a>b>entailment                     | dev.tsv, line 1: Has no column 'sentence1'",
        "RTE  | a>sentence1>sentence2>label>label~   | dev.tsv, line 1: Names column 'label' twice",
        "SST2 | sentence>label~good>2                | dev.tsv, line 2: Column 'label' is '2'",
        "COLA | source>label>star>sentence~          | dev.tsv, line 1: Column 'label' is 'label'",
        "COLA | xx>1>a sentence                      | dev.tsv, line 1: Has 3 columns, not 4",
        "QQP  | 1>2>3>a>b>1                          | line 1: Has no column 'question1'",
        "QQP  | Q1>2>3>a>b>c>1                       | dev.tsv, line 2: Has 7 columns, not 6",
        "QQP  | Q1>2>3>a>b~                          | dev.tsv: Has no rows",
        "STSB | S5.1                                 | dev.tsv, line 2: Column 'score' is '5.1'",
        "STSB | S-0.5                                | dev.tsv, line 2: Column 'score' is '-0.5'",
        "STSB | SNaN                                 | dev.tsv, line 2: Column 'score' is 'NaN'",
        "STSB | S1d                                  | dev.tsv, line 2: Column 'score' is '1d'",
        "STSB | S                                    | dev.tsv, line 2: Column 'score' is empty",
      })
  void refuses(Glue task, String text, String message) {
    String bytes =
        text.replaceFirst("^H", RTE)
            .replaceFirst("^Q", "id>qid1>qid2>question1>question2>is_duplicate~")
            .replaceFirst("^S(?=[0-9N-]|$)", "sentence1>sentence2>score~a>b>")
            .replace('>', '\t')
            .replace('~', '\n');
    LocalFolder folder = Fixtures.write(directory, "dev.tsv", bytes);
    assertThatThrownBy(() -> task.read(folder, Split.DEV))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(directory.toString())
        .hasMessageContaining(message);
  }

  @Test
  void saysWhatItsLabelsAre() {
    LocalFolder folder = Fixtures.write(directory, "dev.tsv", RTE + "0\ta\tb\tno\n");
    assertThatThrownBy(() -> Glue.RTE.read(folder, Split.DEV))
        .hasMessageEndingWith("A label of rte is one of: entailment, not_entailment");
  }

  @Test
  void aTestFileHasNoLabels() {
    LocalFolder folder =
        Fixtures.write(directory, "dev.tsv", "index\tsentence1\tsentence2\n0\ta\tb\n");
    assertThatThrownBy(() -> Glue.RTE.read(folder, Split.DEV))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("a test file without labels cannot be evaluated");
  }

  @Test
  void aMissingFileIsNamedWithWhatIsThere() {
    LocalFolder folder = Fixtures.write(directory, "dev.tsv", "x");
    assertThatThrownBy(() -> Glue.MNLI.read(folder, Split.DEV))
        .isInstanceOf(InputException.class)
        .hasMessage(
            directory
                + ": Has no file dev_matched.tsv. Give the directory that holds it;"
                + " this one has dev.tsv.");
    assertThatThrownBy(() -> Glue.RTE.read(new LocalFolder(directory), Split.TRAIN))
        .hasMessageContaining("Has no file train.tsv");
  }

  @Test
  void bytesThatAreNotUtf8AreFoundByLineAndPlace() {
    byte[] bytes = (RTE + "0\tcafé\tb\tentailment\n").getBytes(StandardCharsets.ISO_8859_1);
    LocalFolder folder = Fixtures.write(directory, "dev.tsv", bytes);
    assertThatThrownBy(() -> Glue.RTE.read(folder, Split.DEV))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("dev.tsv, line 2: Is not UTF-8: byte 0xe9 at place 6 of the line");
    Fixtures.write(directory, "dev.tsv", (RTE + "0").getBytes(StandardCharsets.UTF_16));
    assertThatThrownBy(() -> Glue.RTE.read(folder, Split.DEV))
        .hasMessageContaining("line 1: Is not UTF-8: byte 0xfe at place 1");
    // A letter cut off by the end of the file, and an encoded surrogate.
    for (byte[] end : new byte[][] {{(byte) 0xc3}, {(byte) 0xed, (byte) 0xa0, (byte) 0x80}}) {
      byte[] whole = Arrays.copyOf("xx\t1\t\ta".getBytes(StandardCharsets.UTF_8), 7 + end.length);
      System.arraycopy(end, 0, whole, 7, end.length);
      Fixtures.write(directory, "dev.tsv", whole);
      assertThatThrownBy(() -> Glue.COLA.read(folder, Split.DEV))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("line 1: Is not UTF-8");
    }
  }

  @Test
  void aFileWithoutLineEndsDoesNotFillTheMemory() {
    LocalFolder folder = Fixtures.write(directory, "dev.tsv", new byte[(1 << 24) + 10]);
    assertThatThrownBy(() -> Glue.COLA.read(folder, Split.DEV))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("line 1: Is longer than 16777216 bytes");
  }

  @Test
  void damagedFilesAreReadOrRefusedWithOneMessage() throws Exception {
    byte[] good;
    try (var stream = Fixtures.class.getResourceAsStream("STS-B/dev.tsv")) {
      good = stream.readAllBytes();
    }
    SplittableRandom random = new SplittableRandom(7);
    int refused = 0;
    for (int trial = 0; trial < 500; trial++) {
      byte[] bad = Arrays.copyOf(good, good.length - random.nextInt(good.length / 2));
      for (int edit = random.nextInt(3); edit >= 0; edit--) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
      }
      LocalFolder folder = Fixtures.write(directory, "dev.tsv", bad);
      try {
        assertThat(Glue.STSB.read(folder, Split.DEV).size()).isBetween(1, 5);
      } catch (InputException e) {
        assertThat(e).hasMessageContaining("dev.tsv");
        refused++;
      }
    }
    assertThat(refused).isBetween(100, 499);
  }
}
