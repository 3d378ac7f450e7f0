package dev.assay.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.InputException;
import dev.assay.checkpoint.LocalFolder;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.jobs.steps.identify.SweepInputs;
import dev.assay.jobs.sweep.SweepRun;
import dev.assay.model.Batch;
import dev.assay.model.Loss;
import dev.assay.model.Model;
import dev.assay.model.ModelLoader;
import dev.assay.model.TokenGradients;
import dev.assay.model.Tokenizer;
import dev.assay.plan.Plan;
import dev.assay.plan.SweepSettings;
import dev.assay.stats.Fisher;
import dev.assay.stats.FisherAccumulator;
import dev.assay.stats.FisherFile;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fisher information, and recipes that need it, through whole sweeps of a small classifier. */
class GradientsTest {
  private static final String UP = "bert.encoder.layer.1.intermediate.dense.weight";
  private static final String DOWN = "bert.encoder.layer.2.output.dense.weight";
  private static final String FEW =
      "matrices=[\"bert.encoder.layer.0.attention.self.*\",\"" + UP + "\",\"" + DOWN + "\"]";
  private static final String RECIPES =
      "recipes=[{method=fisher-preserve,keep=8},{method=fwsvd,rank=4},{method=rtn,bits=4}]";
  private static final List<String> WORDS =
      List.of("gold", "is", "weighed", "before", "the", "assayer", "melts", "it", "slowly");

  @TempDir private static Path folder;

  private static Path model;
  private static Path data;

  @BeforeAll
  static void write() throws IOException {
    // The first output says not_entailment, which is class 1 of the task.
    model =
        RandomClassifier.write(
            folder.resolve("model"), 2, "{\"0\": \"not_entailment\", \"1\": \"entailment\"}");
    data = Files.createDirectory(folder.resolve("data"));
    Files.write(data.resolve("train.tsv"), rows(20));
    Files.write(data.resolve("dev.tsv"), rows(5));
  }

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  private static List<String> texts(int row) {
    return List.of(
        String.join(" ", WORDS.subList(0, 2 + row % 7)),
        String.join(" ", WORDS.subList(row % 5, row % 5 + 3)));
  }

  private static boolean entails(int row) {
    return row % 3 == 0;
  }

  private static List<String> rows(int count) {
    List<String> lines = new ArrayList<>(List.of("index\tsentence1\tsentence2\tlabel"));
    for (int row = 0; row < count; row++) {
      lines.add(
          row
              + "\t"
              + String.join("\t", texts(row))
              + "\t"
              + (entails(row) ? "entailment" : "not_entailment"));
    }
    return lines;
  }

  private static SweepSettings settings(Path out, String... more) {
    return Sweeps.settings(
        out,
        Stream.concat(
                Stream.of(
                    "model=\"" + model + "\"", FEW, RECIPES, "task=rte", "data=\"" + data + "\""),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private static void run(SweepSettings settings, String master) throws IOException {
    SweepRun.Summary summary =
        new SweepRun(
                LocalSpark.session(master),
                settings,
                new PrintStream(OutputStream.nullOutputStream(), false, UTF_8))
            .run();
    assertThat(summary.allFailed()).isZero();
    assertThat(summary.complete()).isTrue();
  }

  private static Path statistics(Path out) throws IOException {
    try (Stream<Path> all = Files.list(out.resolve("test/statistics"))) {
      return all.findFirst().orElseThrow();
    }
  }

  /** Every file of Fisher information, by name. */
  private static Map<String, byte[]> files(Path out) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> all = Files.list(statistics(out))) {
      for (Path file : (Iterable<Path>) all::iterator) {
        if (file.toString().endsWith(".fisher.safetensors")) {
          files.put(file.getFileName().toString(), Files.readAllBytes(file));
        }
      }
    }
    return files;
  }

  @Test
  void sumsDoNotDependOnSlotsAndServeEveryStep(@TempDir Path out) throws IOException {
    Path one = out.resolve("one");
    Path three = out.resolve("three");
    run(settings(one), "local[1]");
    Map<String, byte[]> expected = files(one);
    assertThat(expected.keySet())
        .containsExactly(
            "bert.encoder.layer.0.attention.self.key.weight.fisher.safetensors",
            "bert.encoder.layer.0.attention.self.query.weight.fisher.safetensors",
            "bert.encoder.layer.0.attention.self.value.weight.fisher.safetensors",
            UP + ".fisher.safetensors",
            DOWN + ".fisher.safetensors");
    assertThat(one.resolve("test/scratch")).doesNotExist();
    run(settings(three, "calibration.window=1"), "local[3]");
    assertThat(files(three)).containsExactlyInAnyOrderEntriesOf(expected);
    assertThat(Sweeps.files(three).byId("layer_metrics"))
        .hasSize(15)
        .isEqualTo(Sweeps.files(one).byId("layer_metrics"));
    // Every recipe became a model that was evaluated.
    assertThat(Sweeps.files(one).column("SELECT cell_id FROM ${output_metrics}")).hasSize(15);
    assertThat(one.resolve("test/model_metrics")).isDirectory();

    Fisher fisher = read(statistics(one), UP, 32, 16);
    Fisher direct = direct(UP, 32, 16);
    assertThat(fisher.examples()).isEqualTo(20);
    assertThat(fisher.diagonal()).isEqualTo(direct.diagonal());
    assertThat(fisher.input().data()).isEqualTo(direct.input().data());
    assertThat(fisher.output().data()).isEqualTo(direct.output().data());

    // The folder serves another sweep, which makes none of its own.
    Path own = out.resolve("own");
    run(
        settings(own, "task=\"\"", "data=\"\"", "statistics=\"" + statistics(one) + "\""),
        "local[3]");
    assertThat(own.resolve("test/statistics")).doesNotExist();
    assertThat(errors(own)).isEqualTo(errors(one));
  }

  private static List<List<Object>> errors(Path out) {
    return Sweeps.files(out)
        .query(
            "SELECT matrix, label, relative_error FROM ${layer_metrics} JOIN ${cells} USING"
                + " (cell_id) ORDER BY ALL");
  }

  private static Fisher read(Path statistics, String weight, int rows, int cols)
      throws IOException {
    Path path = statistics.resolve(FisherFile.name(weight) + ".safetensors");
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.metadata()).containsEntry("task", "rte").containsEntry("weight", weight);
      return FisherFile.read(file, rows, cols, path.toString());
    }
  }

  /** Of all rows in order, with the outputs that their labels stand for. */
  private static Fisher direct(String weight, int rows, int cols) throws IOException {
    LocalFolder files = new LocalFolder(model);
    FisherAccumulator accumulator = new FisherAccumulator(rows, cols);
    try (Model encoder = ModelLoader.load(files);
        Tokenizer tokenizer = Tokenizer.open(files, encoder.config(), 0)) {
      for (int row = 0; row < 20; row++) {
        Batch batch = Batch.of(List.of(tokenizer.encode(texts(row).get(0), texts(row).get(1))));
        Loss loss = new Loss.CrossEntropy(entails(row) ? 1 : 0);
        TokenGradients of =
            encoder.gradients(batch, List.of(loss), Set.of(weight)).get(0).get(weight);
        accumulator.add(of.input(), of.gradient());
      }
    }
    return accumulator.finish();
  }

  private static String cell(SweepSettings settings) throws IOException {
    Plan plan = SweepInputs.open(settings, new Configuration()).plan();
    return plan.tasks().get(0).cells().get(0).id();
  }

  @Test
  void otherLabelsAreOtherCells(@TempDir Path out) throws IOException {
    Path other = Files.createDirectory(out.resolve("data"));
    List<String> rows = rows(20);
    Files.write(other.resolve("train.tsv"), rows);
    SweepSettings settings =
        settings(
            out,
            "recipes=[{method=fwsvd,rank=4}]",
            "matrices=[\"" + UP + "\"]",
            "data=\"" + other + "\"");
    String before = cell(settings);
    assertThat(cell(settings)).isEqualTo(before);
    rows.set(1, rows.get(1).replace("\tentailment", "\tnot_entailment"));
    Files.write(other.resolve("train.tsv"), rows);
    assertThat(cell(settings)).isNotEqualTo(before);
  }

  @Test
  void selectionsByGradientsOverlapToo(@TempDir Path out) throws IOException {
    Path other = Files.createDirectory(out.resolve("data"));
    List<String> rows = rows(20);
    Files.write(other.resolve("train.tsv"), rows);
    Files.write(other.resolve("dev.tsv"), rows(5));
    String[] more = {
      "recipes=[{method=fisher-preserve,keep=8},{method=magnitude-preserve,keep=8}]",
      "matrices=[\"" + UP + "\"]",
      "data=\"" + other + "\"",
      "selection-overlap=true"
    };
    run(settings(out, more), "local[2]");
    assertThat(Sweeps.files(out).column("SELECT iou FROM ${selection_overlap}"))
        .singleElement()
        .satisfies(iou -> assertThat((Double) iou).isBetween(0.0, 0.9));
    // Other labels give other gradients: another overlap, not the one that is known.
    rows.set(1, rows.get(1).replace("\tentailment", "\tnot_entailment"));
    Files.write(other.resolve("train.tsv"), rows);
    run(settings(out, more), "local[2]");
    assertThat(Sweeps.files(out).column("SELECT DISTINCT overlap_id FROM ${selection_overlap}"))
        .hasSize(2);
  }

  private static void assertRefused(Path out, String message, String... more) {
    assertThatThrownBy(() -> Sweeps.run(settings(out, more)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(message);
    assertThat(out.resolve("test")).doesNotExist();
  }

  @Test
  void withoutLabelsOrAHeadItIsRefused(@TempDir Path out) throws IOException {
    Path text = Files.writeString(out.resolve("text.txt"), "A line.\n");
    assertRefused(
        out,
        "calibration.task = text has no labels",
        "calibration.task=text",
        "calibration.data=\"" + text + "\"");
    assertRefused(
        out, "calibration.task = paraphrase has no labels", "calibration.task=paraphrase");
    assertRefused(out, "It needs gradients of a task's loss by the matrices", "task=\"\"");
    assertRefused(
        out, "It needs gradients of a task's loss by the matrices", "calibration.use=never");
    assertRefused(
        out,
        "It needs gradients of a task's loss by the matrices",
        "matrices=[\"bert.embeddings.*\"]");
    assertRefused(
        out,
        "has no sequence classification head",
        "model=\"" + Repository.MINILM + "\"",
        "matrices=[\"encoder.layer.0.*\"]",
        "task=\"\"",
        "calibration.task=rte",
        "calibration.data=\"" + data + "\"");
    Path three =
        RandomClassifier.write(
            out.resolve("three"), 3, "{\"0\": \"a\", \"1\": \"b\", \"2\": \"c\"}");
    assertRefused(
        out,
        "The model's head has 3 outputs, and task rte needs 2",
        "model=\"" + three + "\"",
        "task=\"\"",
        "calibration.task=rte",
        "calibration.data=\"" + data + "\"");
  }
}
