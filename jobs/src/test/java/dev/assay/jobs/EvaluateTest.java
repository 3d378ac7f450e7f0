package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sweeps that evaluate, run as the commands that a user types. */
class EvaluateTest {
  private static final Path ROOT = root();
  private static final Path MINILM = ROOT.resolve("jobs/target/models/all-minilm-l6-v2");
  private static final String RECIPES = "recipes=[{method=dense},{method=rtn,bits=2}]";
  private static final String ONE_LAYER = "matrices=[\"encoder.layer.0.*\"]";
  private static final Map<String, String> SPARK =
      Map.of(
          "spark.master", "local[2]",
          "spark.ui.enabled", "false",
          "spark.sql.shuffle.partitions", "2",
          "spark.sql.warehouse.dir", "target/spark-warehouse");

  /** What any number of slots must agree on. */
  private static final String METRICS =
      "SELECT * EXCLUDE (run_id, committed_at, seconds, examples_per_second) FROM model_metrics"
          + " ORDER BY label, metric";

  private static final Map<String, Optional<String>> PROPERTIES_BEFORE = new LinkedHashMap<>();

  @TempDir private static Path folder;

  private static Path out;
  private static Path outOfOneSlot;
  private static List<String> filesOfFirst;
  private static List<String> filesOfSecond;
  private static Map<String, byte[]> artifactsOfFirst;
  private static Map<String, byte[]> artifactsOfLast;

  @TempDir private Path temporary;

  /**
   * The same models asked four times: made while the sweep runs; through stored artifacts; made
   * again after these were deleted; and with one slot into another output. A longer limit on inputs
   * that never reach it is another question with the same answers.
   */
  @BeforeAll
  static void sweep() throws IOException {
    // A JVM has one Spark application at a time; these tests start their own.
    if (SparkSession.getDefaultSession().isDefined()) {
      SparkSession.getDefaultSession().get().stop();
    }
    SPARK.forEach(
        (key, value) -> {
          PROPERTIES_BEFORE.put(key, Optional.ofNullable(System.getProperty(key)));
          System.setProperty(key, value);
        });
    out = folder.resolve("two-slots");
    outOfOneSlot = folder.resolve("one-slot");
    assertDone(paraphrases(out));
    filesOfFirst = files(out.resolve("test"));
    artifactsOfFirst = contents(out.resolve("test/artifacts"));
    assertDone(paraphrases(out));
    filesOfSecond = files(out.resolve("test"));
    assertDone(paraphrases(out, "max-length=256"));
    delete(out.resolve("test/artifacts"));
    assertDone(paraphrases(out, "max-length=255"));
    artifactsOfLast = contents(out.resolve("test/artifacts"));
    System.setProperty("spark.master", "local[1]");
    assertDone(paraphrases(outOfOneSlot));
    System.setProperty("spark.master", "local[2]");
  }

  @AfterAll
  static void restore() {
    PROPERTIES_BEFORE.forEach(
        (key, value) ->
            value.ifPresentOrElse(
                v -> System.setProperty(key, v), () -> System.clearProperty(key)));
  }

  @Test
  void theDenseRecipeIsTheDenseModel() throws SQLException {
    List<Map<String, Object>> rows =
        query(outOfOneSlot, "SELECT * FROM model_metrics WHERE recipe = 'dense' ORDER BY metric");
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
    assertThat(rows.get(1)).containsEntry("correct", null);
  }

  @Test
  void aCompressedModelIsAnother() throws SQLException {
    List<Map<String, Object>> rows =
        query(outOfOneSlot, "SELECT * FROM model_metrics WHERE recipe = 'rtn' ORDER BY metric");
    assertThat(rows).hasSize(2);
    for (Map<String, Object> row : rows) {
      assertThat(real(row, "embedding_cosine")).isBetween(0.0, 0.999);
      assertThat(real(row, "effective_bits")).isBetween(2.0, 3.0);
      assertThat(real(row, "difference")).isEqualTo(real(row, "value") - real(row, "dense_value"));
      assertThat(real(row, "model_bits")).isBetween(16.0, 32.0);
    }
    assertThat(
            query(
                outOfOneSlot,
                "SELECT count(DISTINCT dense_value) AS dense, count(DISTINCT trial_id) AS trials"
                    + " FROM model_metrics WHERE metric = 'accuracy'"))
        .containsExactly(Map.of("dense", 1L, "trials", 2L));
  }

  @Test
  void everyInputHasAPrediction() throws SQLException {
    assertThat(
            query(
                outOfOneSlot,
                "SELECT label, count(*) AS n, count(DISTINCT \"row\") AS inputs, min(\"row\") AS"
                    + " lowest, max(\"row\") AS highest, min(len(\"values\")) AS narrowest,"
                    + " max(len(\"values\")) AS widest FROM predictions GROUP BY label"))
        .hasSize(2)
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
  void rowsDoNotDependOnSlots() throws SQLException {
    assertThat(query(outOfOneSlot, METRICS))
        .hasSize(4)
        .isEqualTo(
            query(
                out,
                METRICS.replace(
                    "FROM model_metrics",
                    "FROM model_metrics WHERE trial_id IN (" + trials(outOfOneSlot) + ")")));
  }

  @Test
  void predictionsAreTheSameThroughEveryPath() throws SQLException {
    assertThat(
            query(
                out,
                "SELECT count(*) AS n, count(DISTINCT trial_id) AS trials FROM predictions"
                    + " WHERE label = (SELECT min(label) FROM predictions WHERE label != 'dense')"))
        .containsExactly(Map.of("n", 2400L, "trials", 3L));
    assertThat(
            query(
                out,
                "SELECT label, \"row\" FROM predictions GROUP BY label, \"row\""
                    + " HAVING count(DISTINCT \"values\") > 1"))
        .isEmpty();
    String all =
        "SELECT DISTINCT label, \"row\", \"values\"::VARCHAR AS v FROM predictions"
            + " ORDER BY label, \"row\"";
    assertThat(query(outOfOneSlot, all)).hasSize(1600).isEqualTo(query(out, all));
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

  @Test
  void anUnknownTaskIsNamedWithItsLikeliest() {
    assertRefused("paraphrase", "task=paraphrases");
    assertRefused("rte", "task=rtee", "data=" + temporary);
  }

  @Test
  void aTaskOfGlueNeedsData() {
    assertRefused("data=DIR", "task=stsb");
    assertRefused(temporary + "/none", "task=stsb", "data=" + temporary + "/none");
    assertRefused("dev.tsv", "task=stsb", "data=" + temporary);
  }

  @Test
  void classifyingNeedsAClassificationHead() {
    assertRefused("The model has no classification head", "task=rte", "data=" + temporary);
  }

  @Test
  void aFineTunedModelAnswersAsItsReference() throws IOException, SQLException {
    assertReference("minilm-l6-rte", 277, 186);
  }

  @Test
  void aDistilBertAnswersAsItsReference() throws IOException, SQLException {
    assertReference("distilbert-random-tiny", 64, 32, "evaluation-rows=64");
  }

  /** Counts and logits of PyTorch on the same files. */
  private void assertReference(String name, int rows, int correct, String... arguments)
      throws IOException, SQLException {
    Path model = shared("models/" + name);
    Path data = shared("data/glue/RTE");
    List<String> all =
        new ArrayList<>(
            List.of(
                "sweep",
                "sweep=test",
                "model=" + model,
                "out=" + temporary.resolve("out"),
                "recipes=[{method=dense}]",
                "task=rte",
                "data=" + data,
                "max-length=256",
                "predictions=true"));
    all.addAll(List.of(arguments));
    assertDone(run(all.toArray(String[]::new)));
    assertThat(
            query(
                temporary.resolve("out"),
                "SELECT metric, n, correct, difference, kl, agreement FROM model_metrics"))
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
    assertThat(predictions).hasSize(rows).hasSize(reference.size() - 1);
    for (int i = 0; i < rows; i++) {
      String[] fields = reference.get(i + 1).split("\t", -1);
      assertThat(real(predictions.get(i), "first"))
          .isCloseTo(Double.parseDouble(fields[2]), within(1e-3));
      assertThat(real(predictions.get(i), "second"))
          .isCloseTo(Double.parseDouble(fields[3]), within(1e-3));
    }
  }

  private void assertRefused(String message, String... arguments) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "sweep",
                "sweep=test",
                "model=" + MINILM,
                "out=" + temporary.resolve("out"),
                RECIPES,
                ONE_LAYER));
    all.addAll(List.of(arguments));
    Result result = run(all.toArray(String[]::new));
    assertThat(result.status).as(result.err).isEqualTo(Main.BAD_INPUT);
    assertThat(result.err).contains("assay: ", message).doesNotContain("\tat ");
    assertThat(result.out).isEmpty();
    assertThat(temporary.resolve("out")).doesNotExist();
  }

  private static void assertDone(Result result) {
    assertThat(result.status).as(result.err).isEqualTo(Main.OK);
  }

  private static Result paraphrases(Path out, String... arguments) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "sweep",
                "sweep=test",
                "model=" + MINILM,
                "out=" + out,
                RECIPES,
                ONE_LAYER,
                "task=paraphrase",
                "predictions=true"));
    all.addAll(List.of(arguments));
    return run(all.toArray(String[]::new));
  }

  private record Result(int status, String out, String err) {}

  private static Result run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream outBefore = System.out;
    PrintStream errBefore = System.err;
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    try {
      int status = Main.run(arguments);
      return new Result(
          status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(outBefore);
      System.setErr(errBefore);
    }
  }

  /** A trial's ids as SQL literals. */
  private static String trials(Path out) throws SQLException {
    return String.join(
        ", ",
        query(out, "SELECT DISTINCT trial_id FROM model_metrics").stream()
            .map(row -> "'" + row.get("trial_id") + "'")
            .toList());
  }

  private static double real(Map<String, Object> row, String column) {
    return (Double) row.get(column);
  }

  /** Asks the files themselves, with an engine that is not Spark. */
  private static List<Map<String, Object>> query(Path out, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      for (String table : List.of("model_metrics", "predictions")) {
        statement.execute(
            "CREATE VIEW %s AS SELECT * FROM read_parquet('%s/test/%s/*/*.parquet')"
                .formatted(table, out, table));
      }
      try (ResultSet found = statement.executeQuery(sql)) {
        List<Map<String, Object>> rows = new ArrayList<>();
        while (found.next()) {
          Map<String, Object> row = new LinkedHashMap<>();
          for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
            Object value = found.getObject(i);
            row.put(
                found.getMetaData().getColumnLabel(i),
                value instanceof Array list ? List.of((Object[]) list.getArray()) : value);
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

  private static Path shared(String relative) {
    String configured =
        Optional.ofNullable(System.getProperty("assay.shared"))
            .orElseGet(() -> System.getenv("ASSAY_SHARED"));
    Path shared = configured == null ? ROOT.resolveSibling("shared") : Path.of(configured);
    Path path = shared.resolve(relative);
    assumeTrue(Files.exists(path), "Skipped: no shared files at " + path);
    return path;
  }

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("mvnw"))) {
      folder = folder.getParent();
    }
    return folder;
  }
}
