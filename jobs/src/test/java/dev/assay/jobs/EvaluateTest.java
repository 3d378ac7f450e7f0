package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sweeps that evaluate, run as the commands that a user types. */
class EvaluateTest {
  private static final String RECIPES = "recipes=[{method=dense},{method=rtn,bits=2}]";
  private static final String ONE_LAYER = "matrices=[\"encoder.layer.0.*\"]";
  private static final String[] ENTAILMENT = {"entailment", "not_entailment"};

  /** Files of a run that adds nothing but predictions. */
  private static final Predicate<String> LATER =
      file -> file.startsWith("predictions/") || file.startsWith("runs/");

  private static final String[] PARAPHRASES = {
    RECIPES, ONE_LAYER, "task=paraphrase", "predictions=true"
  };

  @TempDir private static Path folder;

  private static Path out;
  private static List<String> filesOfFirst;
  private static List<String> filesOfSecond;
  private static Map<String, byte[]> artifactsOfFirst;
  private static Map<String, byte[]> artifactsOfLast;

  @TempDir private Path temporary;

  /**
   * The same models asked three times: made while they are evaluated on two slots; through stored
   * artifacts; and, after these were deleted, made again on one slot. A longer limit on inputs that
   * never reach it is another question with the same answers.
   */
  @BeforeAll
  static void sweep() throws IOException {
    out = folder.resolve("out");
    assertDone(paraphrases());
    filesOfFirst = files(out.resolve("test"));
    artifactsOfFirst = contents(out.resolve("test/artifacts"));
    assertDone(paraphrases());
    filesOfSecond = files(out.resolve("test"));
    assertDone(paraphrases("max-length=256"));
    delete(out.resolve("test/artifacts"));
    List<String> arguments = new ArrayList<>(List.of(PARAPHRASES));
    arguments.add("max-length=255");
    Sweeps.run("local[1]", Sweeps.settings(out, arguments.toArray(String[]::new)));
    artifactsOfLast = contents(out.resolve("test/artifacts"));
  }

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  @Test
  void theDenseRecipeIsTheDenseModel() throws SQLException {
    List<Map<String, Object>> rows =
        query(out, "SELECT * FROM answers WHERE recipe = 'dense' ORDER BY metric");
    assertThat(rows).extracting(row -> row.get("metric")).containsExactly("accuracy", "f1");
    for (Map<String, Object> row : rows) {
      assertThat(row)
          .containsEntry("task", "paraphrase")
          .containsEntry("n", 240)
          .containsEntry("value", row.get("dense_value"))
          .containsEntry("difference", 0.0)
          .containsEntry("agreement", 1.0)
          .containsEntry("p_value", 1.0)
          .containsEntry("kl", null)
          .containsEntry("effective_bits", 32.0);
      assertThat(real(row, "embedding_cosine")).isCloseTo(1, within(1e-6));
      assertThat(real(row, "value")).isBetween(real(row, "low"), real(row, "high"));
    }
    Map<String, Object> accuracy = rows.get(0);
    int correct = (Integer) accuracy.get("correct");
    assertThat(real(accuracy, "value")).isEqualTo(correct / 240.0).isGreaterThan(0.6);
    assertThat(rows.get(1)).containsEntry("correct", correct);
  }

  @Test
  void aCompressedModelIsAnother() throws SQLException {
    List<Map<String, Object>> rows =
        query(out, "SELECT * FROM answers WHERE recipe = 'rtn' ORDER BY metric");
    assertThat(rows).hasSize(2);
    for (Map<String, Object> row : rows) {
      assertThat(real(row, "embedding_cosine")).isBetween(0.0, 0.999);
      assertThat(real(row, "effective_bits")).isBetween(2.0, 3.0);
      assertThat(real(row, "difference")).isEqualTo(real(row, "value") - real(row, "dense_value"));
      assertThat(real(row, "model_bits")).isBetween(16.0, 32.0);
    }
  }

  @Test
  void everyInputHasAPrediction() throws SQLException {
    assertThat(
            query(
                out,
                "SELECT label, count(*) AS n, count(DISTINCT \"row\") AS inputs, min(\"row\") AS"
                    + " lowest, max(\"row\") AS highest, min(len(\"values\")) AS narrowest,"
                    + " max(len(\"values\")) AS widest FROM predictions GROUP BY label, trial_id"))
        .hasSize(6)
        .allSatisfy(
            row ->
                assertThat(row)
                    .containsEntry("n", 800L)
                    .containsEntry("inputs", 800L)
                    .containsEntry("lowest", 0)
                    .containsEntry("highest", 799)
                    .containsEntry("narrowest", 384L)
                    .containsEntry("widest", 384L));
  }

  @Test
  void answersDependNeitherOnSlotsNorOnArtifacts() throws SQLException {
    assertThat(
            query(
                out,
                "SELECT label, metric, count(DISTINCT trial_id) AS trials, count(*) AS n"
                    + " FROM model_metrics GROUP BY ALL"))
        .hasSize(4)
        .allSatisfy(row -> assertThat(row).containsEntry("trials", 3L).containsEntry("n", 3L));
    assertThat(query(out, "SELECT label, metric FROM answers")).hasSize(4);
    assertThat(query(out, "SELECT DISTINCT label, \"row\", \"values\"::VARCHAR FROM predictions"))
        .hasSize(1600);
  }

  @Test
  void artifactsMadeAgainAreTheSame() {
    assertThat(artifactsOfFirst).isNotEmpty();
    assertThat(artifactsOfLast).containsOnlyKeys(artifactsOfFirst.keySet());
    artifactsOfFirst.forEach(
        (name, bytes) -> assertThat(artifactsOfLast.get(name)).isEqualTo(bytes));
  }

  @Test
  void aSecondRunEvaluatesNothing() {
    assertThat(filesOfFirst).anyMatch(file -> file.startsWith("model_metrics/"));
    assertThat(filesOfSecond).isEqualTo(filesOfFirst);
  }

  /**
   * All but one, for nothing here protects weights; {@link SqlQuestionsTest} asks Spark as well.
   */
  @Test
  void theQuestionsOfAUserAreAnswered() {
    SqlQuestions questions = SqlQuestions.of(out);
    for (String name : SqlQuestions.names()) {
      assertThat(questions.inDuckDb(name).isEmpty())
          .as(name)
          .isEqualTo(name.equals("gain-of-protection.sql"));
    }
  }

  @Test
  void aQuestionMayBeAFile() {
    String file = SqlQuestions.FOLDER.resolve("what-failed.sql").toString();
    Sweeps.Ended ended =
        Sweeps.command("sql", List.of(out.toString(), "file=" + file, "format=csv"));
    assertDone(ended);
    assertThat(ended.out())
        .startsWith("sweep,model,status,error_class,error_message,cells,")
        .contains("test,all-minilm-l6-v2,DONE,,,12,6,2,");
  }

  @Test
  void anUnknownTaskIsNamedWithItsLikeliest() throws IOException {
    assertRefused("paraphrase", "task=paraphrases");
    assertRefused("rte", "task=rtee", "data=\"" + temporary + "\"");
  }

  @Test
  void aTaskOfGlueNeedsData() throws IOException {
    assertRefused("data=DIR", "task=stsb");
    assertRefused(temporary + "/none", "task=stsb", "data=\"" + temporary + "/none\"");
    assertRefused("dev.tsv", "task=stsb", "data=\"" + temporary + "\"");
  }

  @Test
  void classifyingNeedsAClassificationHead() throws IOException {
    assertRefused("The model has no classification head", "task=rte", "data=\"" + temporary + "\"");
  }

  @Test
  void aFineTunedModelAnswersAsItsReference() throws IOException, SQLException {
    assertReference("minilm-l6-rte", "rte", 277, 186, "max-length=256");
  }

  @Test
  void aDistilBertAnswersAsItsReference() throws IOException, SQLException {
    assertReference("distilbert-random-tiny", first("rte", 65), "rte", 64, 32, "max-length=256");
  }

  @Test
  void aModelOfParaphrasedNewsAnswersAsItsReference() throws IOException, SQLException {
    assertReference("minilm-l6-mrpc", first("mrpc", 51), "mrpc", 50, 44, "max-length=128");
  }

  /** Half a minute of processor time for every thousand rows: -Dassay.test.qnli=5463. */
  @Test
  void aModelOfQuestionsAnswersAsItsReference() throws IOException, SQLException {
    assumeTrue(
        Integer.getInteger("assay.test.qnli", 0) == 5463,
        "Skipped: takes minutes; -Dassay.test.qnli=5463 runs it");
    assertReference("minilm-l6-qnli", "qnli", 5463, 4537, "max-length=128");
  }

  /** Numbers of ONNX Runtime, Hugging Face tokenizers and SciPy on the same rows. */
  @ParameterizedTest
  @CsvSource({"mean, 0.94333", "cls, 0.90704"})
  void similaritiesRankAsTheReferenceRanksThem(String pooling, double spearman)
      throws IOException, SQLException {
    List<String> arguments =
        Sweeps.arguments(
            temporary.resolve("out"),
            "recipes=[{method=dense}]",
            ONE_LAYER,
            "task=stsb",
            "data=\"" + first("stsb", 101) + "\"",
            "pooling=" + pooling);
    assertDone(Sweeps.command("sweep", arguments));
    assertThat(
            query(
                temporary.resolve("out"),
                "SELECT value, n FROM model_metrics WHERE metric = 'spearman'"))
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row).containsEntry("n", 100);
              assertThat(real(row, "value")).isCloseTo(spearman, within(2e-4));
            });
  }

  @Test
  void predictionsMayBeAskedForLater() throws IOException, SQLException {
    Path folder = temporary.resolve("out");
    List<String> arguments = tiny(TinyBert.write(temporary.resolve("model"), ENTAILMENT), "rte");
    assertDone(Sweeps.command("sweep", arguments));
    List<String> measured = files(folder.resolve("test"));
    assertThat(measured).noneMatch(file -> file.startsWith("predictions/"));
    arguments.add("predictions=true");
    assertDone(Sweeps.command("sweep", arguments));
    List<String> kept = files(folder.resolve("test"));
    assertThat(kept).filteredOn(file -> !measured.contains(file)).allMatch(LATER);
    assertThat(query(folder, "SELECT label, \"row\" FROM predictions")).hasSize(2 * 4);
    assertThat(query(folder, "SELECT label FROM model_metrics")).hasSize(2);
    assertThat(
            query(
                folder,
                "SELECT DISTINCT trial_id FROM model_metrics JOIN predictions USING (trial_id)"))
        .hasSize(2);
    assertDone(Sweeps.command("sweep", arguments));
    assertThat(files(folder.resolve("test"))).isEqualTo(kept);
  }

  @Test
  void whatWasAssumedOrCutIsRecorded() throws IOException, SQLException {
    Path model = TinyBert.write(temporary.resolve("model"), "LABEL_0", "LABEL_1");
    assertDone(Sweeps.command("sweep", tiny(TinyBert.tokenizer(model, 11), "rte")));
    assertThat(treatments())
        .satisfiesExactly(
            labels -> assertThat(labels).startsWith("Labels by number in Hugging Face's order"),
            tokens ->
                assertThat(tokens)
                    .isEqualTo(
                        "The tokenizer makes tokens below 11, the model has embeddings for 12"),
            texts -> assertThat(texts).isEqualTo("Truncated 1 of 4 inputs"));
  }

  @Test
  void theModelSaysHowItsEmbeddingsArePooled() throws IOException, SQLException {
    Path model = TinyBert.write(temporary.resolve("model"));
    List<String> arguments = tiny(model, "stsb");
    assertDone(Sweeps.command("sweep", arguments));
    assertThat(treatments()).containsExactly("Pooling mean: the model does not say");
    arguments.add("pooling=cls");
    assertDone(Sweeps.command("sweep", arguments));
    arguments.remove(arguments.size() - 1);
    Files.writeString(
        Files.createDirectory(model.resolve("1_Pooling")).resolve("config.json"),
        "{\"pooling_mode_cls_token\": true, \"pooling_mode_mean_tokens\": false}");
    assertDone(Sweeps.command("sweep", arguments));
    // Asked for or said by the model, it is one question.
    assertThat(query(temporary.resolve("out"), "SELECT trial_id FROM model_metrics"))
        .hasSize(2 * 2 * 2);
    assertThat(
            query(
                temporary.resolve("out"),
                "SELECT DISTINCT config ->> 'pooling' AS pooling FROM runs ORDER BY pooling"))
        .extracting(row -> row.get("pooling"))
        .containsExactly("cls", "mean");
  }

  /** Two recipes of a model that fits in a page, on four rows. */
  private List<String> tiny(Path model, String task) throws IOException {
    Path data = temporary.resolve(task);
    List<String> arguments =
        Sweeps.arguments(
            temporary.resolve("out"),
            "model=\"" + model + "\"",
            RECIPES,
            "task=" + task,
            "data=\"" + (task.equals("rte") ? TinyBert.rte(data) : TinyBert.stsb(data)) + "\"");
    return arguments;
  }

  private List<String> treatments() throws SQLException {
    return query(
            temporary.resolve("out"),
            "SELECT DISTINCT unnest(treatments) AS treatment FROM model_metrics ORDER BY treatment")
        .stream()
        .map(row -> (String) row.get("treatment"))
        .toList();
  }

  @Test
  void theConfigurationForGlueIsComplete() {
    List<String> arguments =
        List.of(
            Repository.ROOT.resolve("conf/glue.conf").toString(),
            "model=\"" + Repository.shared("models/minilm-l6-rte") + "\"",
            "task=rte",
            "data=\"" + Repository.shared("data/glue/RTE") + "\"",
            "out=\"" + temporary.resolve("out") + "\"");
    Sweeps.Ended plan = Sweeps.command("plan", arguments);
    assertThat(plan.status()).as(plan.err()).isEqualTo(Main.OK);
    assertThat(plan.out()).contains("15 recipes x 36 matrices");
  }

  /** Counts and logits of PyTorch on the same files. */
  private void assertReference(String name, String task, int rows, int correct, String... arguments)
      throws IOException, SQLException {
    Path data = Repository.shared("data/glue/" + task.toUpperCase(Locale.ROOT));
    assertReference(name, data, task, rows, correct, arguments);
  }

  /** The first lines of a task's file, in a folder of their own. */
  private Path first(String task, int lines) throws IOException {
    String folder = task.equals("stsb") ? "STS-B" : task.toUpperCase(Locale.ROOT);
    Path file = Repository.shared("data/glue/" + folder).resolve("dev.tsv");
    Path part = Files.createDirectories(temporary.resolve("first"));
    Files.write(part.resolve("dev.tsv"), Files.readAllLines(file).subList(0, lines));
    return part;
  }

  private void assertReference(
      String name, Path data, String task, int rows, int correct, String... arguments)
      throws IOException, SQLException {
    Path model = Repository.shared("models/" + name);
    List<String> all =
        Sweeps.arguments(
            temporary.resolve("out"),
            "model=\"" + model + "\"",
            "recipes=[{method=dense}]",
            "task=" + task,
            "data=\"" + data + "\"",
            "predictions=true");
    all.addAll(List.of(arguments));
    assertDone(Sweeps.command("sweep", all));
    assertThat(
            query(
                temporary.resolve("out"),
                "SELECT metric, n, correct, difference, kl, agreement FROM model_metrics"
                    + " WHERE metric = 'accuracy'"))
        .containsExactly(
            Map.of(
                "metric",
                "accuracy",
                "n",
                rows,
                "correct",
                correct,
                "difference",
                0.0,
                "kl",
                0.0,
                "agreement",
                1.0));
    List<Map<String, Object>> predictions =
        query(
            temporary.resolve("out"),
            "SELECT \"values\"[1] AS first, \"values\"[2] AS second FROM predictions ORDER BY \"row\"");
    List<String> reference = Files.readAllLines(model.resolve("reference_dev_logits.tsv"));
    assertThat(predictions).hasSize(rows).hasSizeLessThan(reference.size());
    for (int i = 0; i < rows; i++) {
      String[] fields = reference.get(i + 1).split("\t", -1);
      assertThat(real(predictions.get(i), "first"))
          .isCloseTo(Double.parseDouble(fields[2]), within(1e-3));
      assertThat(real(predictions.get(i), "second"))
          .isCloseTo(Double.parseDouble(fields[3]), within(1e-3));
    }
  }

  private void assertRefused(String message, String... arguments) throws IOException {
    Path nothing = temporary.resolve("out");
    List<String> all = Sweeps.arguments(nothing, RECIPES, ONE_LAYER);
    all.addAll(List.of(arguments));
    Sweeps.Ended ended = Sweeps.command("sweep", all);
    assertThat(ended.status()).as(ended.err()).isEqualTo(Main.BAD_INPUT);
    assertThat(ended.err()).startsWith("assay: ").contains(message).hasLineCount(1);
    assertThat(ended.out()).isEmpty();
    assertThat(Files.exists(nothing) ? files(nothing) : List.of()).isEmpty();
  }

  private static void assertDone(Sweeps.Ended ended) {
    assertThat(ended.status()).as(ended.err()).isEqualTo(Main.OK);
  }

  private static Sweeps.Ended paraphrases(String... arguments) {
    List<String> all = Sweeps.arguments(out, PARAPHRASES);
    all.addAll(List.of(arguments));
    return Sweeps.command("sweep", all);
  }

  private static double real(Map<String, Object> row, String column) {
    return (Double) row.get(column);
  }

  /** Asks the files themselves, with an engine that is not Spark. */
  private static List<Map<String, Object>> query(Path out, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      for (String table : List.of("runs", "model_metrics", "predictions")) {
        if (Files.isDirectory(out.resolve("test").resolve(table))) {
          statement.execute(
              "CREATE VIEW %s AS SELECT * FROM read_parquet('%s/test/%s/*/*.parquet', hive_partitioning = false)"
                  .formatted(table, out, table));
        }
      }
      // What does not depend on when and how fast it was asked, nor on which limit was not reached.
      statement.execute(
          "CREATE VIEW answers AS SELECT DISTINCT * EXCLUDE (run_id, trial_id, committed_at, seconds,"
              + " examples_per_second) FROM model_metrics");
      try (ResultSet found = statement.executeQuery(sql)) {
        List<Map<String, Object>> rows = new ArrayList<>();
        while (found.next()) {
          Map<String, Object> row = new LinkedHashMap<>();
          for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
            Object value = found.getObject(i);
            row.put(found.getMetaData().getColumnLabel(i), value);
          }
          rows.add(row);
        }
        return rows;
      }
    }
  }

  private static List<String> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  private static Map<String, byte[]> contents(Path folder) throws IOException {
    Map<String, byte[]> contents = new TreeMap<>();
    for (String file : files(folder)) {
      contents.put(file, Files.readAllBytes(folder.resolve(file)));
    }
    return contents;
  }

  private static void delete(Path folder) throws IOException {
    for (String file : files(folder)) {
      Files.delete(folder.resolve(file));
    }
  }
}
