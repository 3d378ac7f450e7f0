package dev.assay.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.InputException;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.LocalFolder;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.jobs.steps.calibrate.Calibration;
import dev.assay.jobs.sweep.SweepRun;
import dev.assay.model.TokenIds;
import dev.assay.plan.SweepSettings;
import dev.assay.stats.InputStatistics;
import dev.assay.stats.StatisticsFile;
import dev.assay.stats.TokenSums;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Statistics of inputs, and what cells do to outputs, through whole sweeps of all-MiniLM-L6-v2. */
class CalibrationTest {
  private static final String FEW =
      "matrices=[\"encoder.layer.0.attention.*\",\"encoder.layer.1.intermediate.*\"]";
  private static final String RECIPES = "recipes=[{method=rtn,bits=[3,8]},{method=dense}]";

  @TempDir private Path out;

  private static SweepSettings settings(Path out, String... more) {
    String[] arguments =
        Stream.concat(
                Stream.of(
                    FEW,
                    RECIPES,
                    "calibration.use=always",
                    "calibration.task=paraphrase",
                    "calibration.sequences=40"),
                Stream.of(more))
            .toArray(String[]::new);
    return Sweeps.settings(out, arguments);
  }

  /** Every file of statistics, by name. */
  private static Map<String, byte[]> statistics(Path out) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(out.resolve("test/statistics"))) {
      for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
        if (file.toString().endsWith(".safetensors")) {
          files.put(file.getFileName().toString(), Files.readAllBytes(file));
        }
      }
    }
    return files;
  }

  private static Map<String, Double> errors(Path out) {
    Map<String, Double> errors = new TreeMap<>();
    for (List<Object> row :
        Sweeps.files(out)
            .query("SELECT cell_id, matrix, relative_output_error FROM ${output_metrics}")) {
      errors.put(row.get(0) + " " + row.get(1), (Double) row.get(2));
    }
    return errors;
  }

  @Test
  void statisticsAreTheSameBytesWhateverTheSlotsAndWindows() throws IOException {
    Path other = out.resolve("other");
    Path third = out.resolve("third");
    Sweeps.run(settings(out.resolve("one")));
    Map<String, byte[]> expected = statistics(out.resolve("one"));
    assertThat(expected.keySet())
        .containsExactly(
            "encoder.layer.0.attention.input.safetensors",
            "encoder.layer.0.attention.output.input.safetensors",
            "encoder.layer.1.mlp.input.safetensors");
    LocalSpark.session("local[1]");
    runHere(settings(other, "calibration.window=1"), "local[1]");
    assertThat(statistics(other)).containsExactlyInAnyOrderEntriesOf(expected);
    runHere(settings(third, "calibration.window=6"), "local[8]");
    assertThat(statistics(third)).containsExactlyInAnyOrderEntriesOf(expected);
    assertThat(errors(third)).isEqualTo(errors(other)).hasSize(15);
    assertThat(out.resolve("one/test/scratch")).doesNotExist();
  }

  private static void runHere(SweepSettings settings, String master) throws IOException {
    new SweepRun(
            LocalSpark.session(master),
            settings,
            new PrintStream(OutputStream.nullOutputStream(), false, UTF_8))
        .run();
  }

  @Test
  void outputErrorsAreThoseOfTheirDefinitionAndComeLaterToo() throws IOException {
    SweepSettings without = settings(out, "calibration.use=never");
    Sweeps.run(without);
    assertThat(out.resolve("test/output_metrics")).doesNotExist();
    SweepRun.Summary later = Sweeps.run(settings(out));
    assertThat(later.done()).isZero();
    assertThat(errors(out)).hasSize(15);
    assertThat(Sweeps.run(settings(out)).done()).isZero();
    assertThat(Sweeps.files(out).column("SELECT cell_id FROM ${output_metrics}")).hasSize(15);

    String matrix = "encoder.layer.1.intermediate.dense.weight";
    InputStatistics statistics;
    Path file;
    try (Stream<Path> all = Files.walk(out.resolve("test/statistics"))) {
      file =
          all.filter(p -> p.toString().endsWith("layer.1.mlp.input.safetensors"))
              .findFirst()
              .orElseThrow();
    }
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      statistics = StatisticsFile.read(read, file.toString());
    }
    assertThat(statistics.width()).isEqualTo(384);
    LocalFolder folder = new LocalFolder(Repository.MINILM);
    Matrix weight = Checkpoint.read(folder, Checkpoint.open(folder).matrix(matrix));
    // 8 bits per row, asymmetric, as the method card has it.
    double lost = 0;
    double whole = 0;
    for (int i = 0; i < weight.rows(); i++) {
      float lo = 0;
      float hi = 0;
      for (int j = 0; j < 384; j++) {
        lo = Math.min(lo, weight.at(i, j));
        hi = Math.max(hi, weight.at(i, j));
      }
      float scale = (hi - lo) / 255;
      double zero = Math.rint(-lo / scale);
      double[] difference = new double[384];
      for (int j = 0; j < 384; j++) {
        double code = Math.max(0, Math.min(255, Math.rint(weight.at(i, j) / scale) + zero));
        difference[j] = weight.at(i, j) - (float) (scale * (code - zero));
      }
      for (int j = 0; j < 384; j++) {
        for (int k = 0; k < 384; k++) {
          lost += difference[j] * statistics.hessian().at(j, k) * difference[k];
          whole += weight.at(i, j) * statistics.hessian().at(j, k) * weight.at(i, k);
        }
      }
    }
    List<Object> row =
        Sweeps.files(out)
            .query(
                "SELECT relative_output_error, tokens FROM ${output_metrics}"
                    + " SEMI JOIN (SELECT cell_id FROM ${cells} WHERE bits = 8) USING (cell_id)"
                    + " WHERE matrix = '"
                    + matrix
                    + "'")
            .get(0);
    assertThat((Double) row.get(0)).isCloseTo(lost / whole, within(1e-3 * lost / whole));
    assertThat(row.get(1)).isEqualTo(statistics.tokens());
  }

  @Test
  void aUsersOwnStatisticsServeAsWell() throws IOException {
    Path first = out.resolve("first");
    Path second = out.resolve("second");
    Sweeps.run(settings(first));
    Path folder;
    try (Stream<Path> all = Files.list(first.resolve("test/statistics"))) {
      folder = all.findFirst().orElseThrow();
    }
    SweepSettings own = Sweeps.settings(second, FEW, RECIPES, "statistics=\"" + folder + "\"");
    Sweeps.run(own);
    assertThat(errors(second)).isEqualTo(errors(first));
    assertThat(second.resolve("test/statistics")).doesNotExist();
  }

  /** Outside the blocks nothing is calibrated, which is no failure of recipes that need nothing. */
  @Test
  void otherMatricesHaveNoOutputError() throws IOException {
    SweepSettings settings =
        settings(
            out,
            "matrices=[\"encoder.layer.0.attention.self.key.*\",\"*position_embeddings*\"]",
            "recipes=[{method=rtn,bits=8},{method=gptq,bits=8}]");
    SweepRun.Summary summary = Sweeps.run(settings);
    assertThat(summary.done()).isEqualTo(3);
    assertThat(
            Sweeps.files(out).column("SELECT error_message FROM ${cells} WHERE status = 'FAILED'"))
        .singleElement()
        .asString()
        .startsWith("There are no statistics of ");
    assertThat(errors(out)).hasSize(2);
    int files = Sweeps.files(out).column("SELECT run_id FROM ${runs}").size();
    assertThat(Sweeps.run(settings).done()).isZero();
    assertThat(Sweeps.files(out).column("SELECT run_id FROM ${runs}")).hasSize(files);
  }

  /** Bad input found by a task is the one error, not a cell's failure that stays. */
  @Test
  void statisticsOfAnotherModelAreRefused() throws IOException {
    Path other = Files.createDirectory(out.resolve("other"));
    TokenSums sums = new TokenSums(2, 1, 0);
    sums.add(Matrix.of(1, 2, new float[] {1, 2}));
    try (OutputStream to =
        Files.newOutputStream(other.resolve("encoder.layer.0.attention.input.safetensors"))) {
      StatisticsFile.write(to, sums, (from, end) -> new double[] {1, 0, 0, 1}, Map.of());
    }
    assertRefused("Its statistics are of 2 channels", "statistics=\"" + other + "\"");
    assertThat(Sweeps.files(out.resolve("results")).column("SELECT status FROM ${runs}"))
        .contains("FAILED");
  }

  @Test
  void whatCannotBeCalibratedOnIsRefused() throws IOException {
    Path text = Files.writeString(out.resolve("empty.txt"), "\n \n");
    assertRefused("Has no text", "calibration.task=text", "calibration.data=\"" + text + "\"");
    assertRefused("Did you mean 'paraphrase'?", "calibration.task=paraphrases");
    assertRefused("calibration.data=DIR", "calibration.task=rte");
    assertRefused(
        "ends in .safetensors", "statistics=\"" + Files.createDirectory(out.resolve("d")) + "\"");
    Path bad = Files.createDirectory(out.resolve("bad"));
    Files.write(bad.resolve("encoder.layer.0.attention.input.safetensors"), List.of("no"));
    assertRefused("safetensors", "statistics=\"" + bad + "\"");
    assertThat(out.resolve("results")).doesNotExist();
  }

  private void assertRefused(String message, String... more) {
    assertThatThrownBy(() -> Sweeps.run(settings(out.resolve("results"), more)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(message);
  }

  /** As in evaluation: a head of tokens, without a pooler, answers nothing about a pair. */
  @Test
  void onlyAHeadOfSequencesReadsPairsTogether() throws IOException {
    Path data = TinyBert.stsb(out.resolve("stsb"));
    Path sequences = TinyBert.write(out.resolve("sequences"), "LABEL_0");
    Path tokens = TinyBert.ofTokens(out.resolve("tokens"), "LABEL_0", "LABEL_1");
    assertThat(calibrated(sequences, data)).hasSize(4).anyMatch(CalibrationTest::isPair);
    // Two texts are the same.
    assertThat(calibrated(tokens, data)).hasSize(7).noneMatch(CalibrationTest::isPair);
  }

  private List<TokenIds> calibrated(Path model, Path data) throws IOException {
    SweepSettings settings =
        Sweeps.settings(
            out.resolve("results"),
            "model=\"" + model + "\"",
            "task=stsb",
            "data=\"" + data + "\"",
            "calibration.use=always",
            "calibration.split=dev",
            "recipes=[{method=rtn,bits=8}]");
    return Calibration.open(settings, Checkpoint.open(new LocalFolder(model)), new Configuration())
        .orElseThrow()
        .sequences()
        .texts();
  }

  private static boolean isPair(TokenIds text) {
    return IntStream.of(text.types()).anyMatch(type -> type == 1);
  }

  @Test
  void aTextFileWillDo() throws IOException {
    Path text =
        Files.writeString(
            out.resolve("text.txt"), "A first line.\n\nAnd " + "a long one ".repeat(300) + "\n");
    Sweeps.run(
        settings(
            out.resolve("results"),
            "calibration.task=text",
            "calibration.max-length=32",
            "calibration.data=\"" + text + "\""));
    List<Object> tokens =
        Sweeps.files(out.resolve("results"))
            .column("SELECT DISTINCT tokens FROM ${output_metrics}");
    // [CLS] a first line . [SEP], and 32 of the other.
    assertThat(tokens).containsExactly(38L);
  }
}
