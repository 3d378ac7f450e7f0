package dev.assay.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.assay.SharedFiles;
import dev.assay.checkpoint.LocalFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Logits that PyTorch computed for whole dev sets, on machines that have the checkpoints. */
class ReferenceModelsTest {
  /** Rows of QNLI in an ordinary build; -Dassay.test.qnli=5463 takes them all. */
  private static final int QNLI_ROWS = Integer.getInteger("assay.test.qnli", 100);

  private record Row(String first, String second, int tokens, float[] logits, int label) {}

  @Test
  void rte() throws IOException {
    List<Row> rows = rows("minilm-l6-rte", "RTE", 1, 2);
    assertThat(rows).hasSize(277);
    assertThat(correct("minilm-l6-rte", rows, 256)).isEqualTo(186);
  }

  @Test
  void mrpc() throws IOException {
    List<Row> rows = rows("minilm-l6-mrpc", "MRPC", 3, 4);
    assertThat(rows).hasSize(408);
    assertThat(correct("minilm-l6-mrpc", rows, 128)).isEqualTo(336);
  }

  @Test
  void qnli() throws IOException {
    List<Row> all = rows("minilm-l6-qnli", "QNLI", 1, 2);
    assertThat(all).hasSize(5463);
    List<Row> rows = new ArrayList<>(all);
    Collections.shuffle(rows, new Random(1));
    rows = rows.subList(0, Math.min(QNLI_ROWS, rows.size()));
    int expected = (int) rows.stream().filter(row -> argmax(row.logits()) == row.label()).count();
    assertThat(correct("minilm-l6-qnli", rows, 128)).isEqualTo(expected);
    if (rows.size() == all.size()) {
      assertThat(expected).isEqualTo(4537);
    }
  }

  @Test
  void distilbertFromShardsOfBfloat16() throws IOException {
    List<Row> rows = rows("distilbert-random-tiny", "RTE", 1, 2);
    assertThat(rows).hasSize(64);
    assertThat(correct("distilbert-random-tiny", rows, 256)).isEqualTo(32);
  }

  /** Runs the rows in batches of like length; checks tokens and logits, returns the hits. */
  private static int correct(String name, List<Row> rows, int maxLength) throws IOException {
    LocalFolder folder = new LocalFolder(SharedFiles.require("models/" + name));
    int correct = 0;
    try (Model model = ModelLoader.load(folder);
        Tokenizer tokenizer = Tokenizer.open(folder, model.config(), maxLength)) {
      assertThat(model.classes()).isEqualTo(2);
      List<Row> sorted = new ArrayList<>(rows);
      sorted.sort(Comparator.comparingInt(Row::tokens));
      for (int at = 0; at < sorted.size(); at += 32) {
        List<Row> part = sorted.subList(at, Math.min(at + 32, sorted.size()));
        List<TokenIds> texts = new ArrayList<>();
        for (Row row : part) {
          TokenIds tokens = tokenizer.encode(row.first(), row.second());
          assertThat(tokens.length()).isEqualTo(row.tokens());
          texts.add(tokens);
        }
        float[][] logits = model.logits(Batch.of(texts));
        for (int i = 0; i < logits.length; i++) {
          assertThat(logits[i]).containsExactly(part.get(i).logits(), within(1e-3f));
          correct += argmax(logits[i]) == part.get(i).label() ? 1 : 0;
        }
      }
    }
    return correct;
  }

  private static int argmax(float[] logits) {
    return IntStream.range(0, logits.length)
        .reduce(0, (best, i) -> logits[i] > logits[best] ? i : best);
  }

  /** The rows that have reference logits, which are the first of the dev set. */
  private static List<Row> rows(String model, String task, int first, int second)
      throws IOException {
    Path reference = SharedFiles.require("models/" + model + "/reference_dev_logits.tsv");
    Path data = SharedFiles.require("data/glue/" + task + "/dev.tsv");
    List<String> logits = Files.readAllLines(reference);
    List<String> texts = Files.readAllLines(data);
    List<Row> rows = new ArrayList<>();
    for (int i = 1; i < logits.size(); i++) {
      String[] numbers = logits.get(i).split("\t", -1);
      String[] fields = texts.get(i).split("\t", -1);
      assertThat(numbers[0]).isEqualTo(String.valueOf(i - 1));
      rows.add(
          new Row(
              fields[first],
              fields[second],
              Integer.parseInt(numbers[1]),
              new float[] {Float.parseFloat(numbers[2]), Float.parseFloat(numbers[3])},
              Integer.parseInt(numbers[4])));
    }
    return rows;
  }
}
