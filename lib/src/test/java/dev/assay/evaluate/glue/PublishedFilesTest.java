package dev.assay.evaluate.glue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.assay.SharedFiles;
import dev.assay.checkpoint.LocalFolder;
import dev.assay.evaluate.Fixtures;
import dev.assay.evaluate.answers.Classified;
import dev.assay.evaluate.answers.Measure;
import dev.assay.evaluate.answers.Metric;
import dev.assay.evaluate.answers.Predictions;
import dev.assay.evaluate.answers.Proportion;
import dev.assay.evaluate.answers.Scored;
import dev.assay.evaluate.pairs.WordOverlap;
import dev.assay.task.Dataset;
import dev.assay.task.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The published files and the reference's logits, on machines that have them. */
class PublishedFilesTest {
  private static Dataset read(Glue task, Split split) {
    Path folder = SharedFiles.require("data/glue/" + task.folder());
    return Fixtures.read(task, new LocalFolder(folder), split);
  }

  @ParameterizedTest
  @CsvSource({
    "SST2, 872, 444, 67349",
    "MRPC, 408, 279, 3668",
    "RTE, 277, 131, 2490",
    "QNLI, 5463, 2761, 9999",
    "COLA, 1043, 721, 8551"
  })
  void rowsAndLabels(Glue task, int rows, int ofClassOne, int trainRows) {
    Dataset dev = read(task, Split.DEV);
    assertThat(dev.size()).isEqualTo(rows);
    assertThat(Arrays.stream(dev.labels()).sum()).isEqualTo(ofClassOne);
    assertThat(dev.treatments()).isEmpty();
    assertThat(read(task, Split.TRAIN).size()).isEqualTo(trainRows);
  }

  @ParameterizedTest
  @CsvSource({"DEV, 1500", "TRAIN, 5749"})
  void rowsAndScores(Split split, int rows) {
    Dataset data = read(Glue.STSB, split);
    assertThat(data.size()).isEqualTo(rows);
    assertThat(Arrays.stream(data.targets()).summaryStatistics())
        .satisfies(
            s -> {
              assertThat(s.getMin()).isZero();
              assertThat(s.getMax()).isEqualTo(5);
            });
    // Words alone know something of similarity.
    Measure spearman =
        Scored.of(data, WordOverlap.of(data)).measures(List.of(Metric.SPEARMAN), 1).get(0);
    assertThat(spearman.value()).isBetween(0.5, 0.8);
  }

  /** From text file, id2label and logits to the reference's own counts. */
  @ParameterizedTest
  @CsvSource({
    "RTE, minilm-l6-rte",
    "MRPC, minilm-l6-mrpc",
    "QNLI, minilm-l6-qnli",
    "RTE, distilbert-random-tiny"
  })
  void countsWhatTheReferenceCounts(Glue task, String model) throws IOException {
    Path folder = SharedFiles.require("models/" + model);
    ObjectMapper json = new ObjectMapper();
    Map<Integer, String> id2label = new HashMap<>();
    json.readTree(folder.resolve("config.json").toFile())
        .get("id2label")
        .fields()
        .forEachRemaining(e -> id2label.put(Integer.parseInt(e.getKey()), e.getValue().asText()));
    JsonNode reference = json.readTree(folder.resolve("reference_metrics.json").toFile());
    List<String> lines = Files.readAllLines(folder.resolve("reference_dev_logits.tsv"));
    int n = lines.size() - 1;
    int[] rows = new int[n];
    float[] logits = new float[2 * n];
    Dataset whole = read(task, Split.DEV);
    Dataset data =
        new Dataset(
            whole.path(), whole.sha256(), whole.examples().subList(0, n), whole.treatments());
    // From last to first, since order must not matter.
    for (int i = 0; i < n; i++) {
      String[] fields = lines.get(n - i).split("\t", -1);
      rows[i] = Integer.parseInt(fields[0]);
      logits[2 * i] = Float.parseFloat(fields[2]);
      logits[2 * i + 1] = Float.parseFloat(fields[3]);
      assertThat(data.examples().get(rows[i]).label()).isEqualTo(Integer.parseInt(fields[4]));
    }
    LabelMap map = LabelMap.of(task, 2, id2label, folder.resolve("config.json").toString());
    Classified classified = answers(data, map, Fixtures.predictions(rows, 2, logits));
    assertThat(classified.accuracy())
        .isEqualTo(
            new Proportion(reference.get("correct").asInt(), reference.get("dev_rows").asInt()));
    assertThat(classified.measures(List.of(Metric.F1), 1).get(0).value())
        .isCloseTo(reference.get("f1").asDouble(), within(1e-12));
  }

  private static Classified answers(Dataset data, LabelMap labels, Predictions logits) {
    return labels.task().answered(data, labels).answers(logits).orElseThrow();
  }
}
