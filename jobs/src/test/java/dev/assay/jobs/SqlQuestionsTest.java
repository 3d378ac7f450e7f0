package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.assay.jobs.tables.ModelMetricsRow;
import dev.assay.jobs.tables.land.Committer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The questions of {@code notebooks-export} over a real sweep with a cell that fails: as it is, and
 * with measures of its models that are made up. {@link EvaluateTest} asks them of real ones.
 */
class SqlQuestionsTest {
  private static final String QUERY = "encoder.layer.0.attention.self.query.weight";
  private static final String DOWN = "encoder.layer.1.output.dense.weight";

  /** The 200,000 weights to keep are more than the smaller matrix has. */
  private static final String RECIPES =
      "recipes=[{method=dense}, {method=rtn, bits=[2,3,4], granularity=[tensor,row]},"
          + " {method=svd-preserve, keep=[0,16]}, {method=magnitude-preserve, keep=[16,200000]},"
          + " {method=svd-residual, bits=3, rank=8}, {method=svd, rank=\"ratio(0.25)\"}]";

  @TempDir private static Path folder;

  private static SqlQuestions bare;
  private static SqlQuestions measured;
  private static SqlQuestions empty;

  @BeforeAll
  static void sweep() throws IOException {
    Path out = folder.resolve("bare");
    Sweeps.run(
        Sweeps.settings(
            out, "matrices=[\"" + QUERY + "\",\"" + DOWN + "\"]", RECIPES, "factorizer=lapack"));
    bare = SqlQuestions.of(out);
    Path copy = folder.resolve("measured");
    copy(out, copy);
    land(copy, bare.answer("every-recipe.sql"));
    measured = SqlQuestions.of(copy);
    empty = SqlQuestions.of(Files.createDirectory(folder.resolve("empty")));
  }

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  static List<String> names() {
    return SqlQuestions.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void bothEnginesGiveTheSameRows(String name) {
    assertThat(measured.answer(name)).isNotEmpty();
    assertThat(empty.inDuckDb(name)).isEmpty();
  }

  /** SqlQuestions about answers have none, and those about errors have one without them. */
  @Test
  void aSweepThatEvaluatedNothingIsNoError() {
    for (String name :
        List.of("best-per-budget.sql", "error-against-accuracy.sql", "pareto-accuracy.sql")) {
      assertThat(bare.answer(name)).as(name).isEmpty();
    }
    assertThat(bare.answer("every-recipe.sql")).hasSize(13);
    assertThat(bare.answer("gain-of-protection.sql")).hasSize(3);
    for (String name : List.of("every-recipe.sql", "gain-of-protection.sql")) {
      assertThat(bare.answer(name))
          .allSatisfy(row -> assertThat(row.get("metric")).isNull())
          .allSatisfy(row -> assertThat(row.get("value")).isNull());
    }
  }

  /** Every file says what it asks, what its columns are and how to run it. */
  @ParameterizedTest
  @MethodSource("names")
  void everyFileSaysHowToRunIt(String name) throws IOException {
    List<String> lines = Files.readAllLines(SqlQuestions.FOLDER.resolve(name));
    assertThat(lines.get(0)).startsWith("-- ").containsAnyOf("?", ":");
    assertThat(lines)
        .contains("-- Run it:  ./submit.sh sql OUT file=notebooks-export/" + name)
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(120));
  }

  @Test
  void whatFailedComesFirst() {
    List<Map<String, Object>> rows = measured.answer("what-failed.sql");
    assertThat(rows).extracting(row -> row.get("status")).containsExactly("FAILED", "DONE");
    assertThat(rows.get(0))
        .containsEntry("cells", 1L)
        .containsEntry("example_matrix", QUERY)
        .containsEntry("example_recipe", "magnitude-preserve(keep=200000)");
    assertThat((String) rows.get(0).get("error_message")).contains("200000");
    assertThat(rows.get(1)).containsEntry("cells", 25L);
  }

  @Test
  void theRunIsToldWithWhatItComputed() {
    assertThat(measured.answer("what-was-run.sql"))
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row)
                  .containsEntry("status", "DONE")
                  .containsEntry("recipes", 13L)
                  .containsEntry("matrices", 2L)
                  .containsEntry("done", 25L)
                  .containsEntry("failed", 1L);
              assertThat((Double) row.get("minutes")).isBetween(0.0, 60.0);
            });
  }

  @Test
  void theBestWithinABudgetIsTheMostFaithfulOfThoseThatCannotBeToldFromTheHighest() {
    List<Map<String, Object>> recipes = accuracies();
    List<Map<String, Object>> best =
        measured.answer("best-per-budget.sql").stream()
            .filter(row -> row.get("metric").equals("accuracy"))
            .toList();
    assertThat(best)
        .extracting(row -> row.get("budget"))
        .containsExactly(2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 8.0, 16.0);
    int chosen = 0;
    for (Map<String, Object> row : best) {
      List<Map<String, Object>> within =
          recipes.stream().filter(r -> real(r, "bits") <= real(row, "budget") + 0.1).toList();
      List<Map<String, Object>> alike = alike(within);
      assertThat(row)
          .containsEntry("recipes", (long) within.size())
          .containsEntry("alike", (long) alike.size())
          .containsEntry("highest", highest(within))
          .containsEntry("label", closest(alike).get("label"))
          .containsEntry("value", closest(alike).get("value"));
      chosen += real(row, "value") < real(row, "highest") ? 1 : 0;
      List<Map<String, Object>> rtn =
          within.stream().filter(r -> ((String) r.get("label")).startsWith("rtn")).toList();
      assertThat(row).containsEntry("rtn", closest(alike(rtn)).get("label"));
    }
    // Else the fixture would not tell the rule from the old one.
    assertThat(chosen).isPositive();
  }

  private static double highest(List<Map<String, Object>> recipes) {
    return recipes.stream().mapToDouble(r -> real(r, "value")).max().orElseThrow();
  }

  /** Those whose value lies in the interval of the highest. */
  private static List<Map<String, Object>> alike(List<Map<String, Object>> recipes) {
    double low =
        recipes.stream()
            .filter(r -> real(r, "value") == highest(recipes))
            .mapToDouble(r -> real(r, "low"))
            .max()
            .orElseThrow();
    return recipes.stream().filter(r -> real(r, "value") >= low).toList();
  }

  /** A divergence that is no number is larger than any. */
  private static Map<String, Object> closest(List<Map<String, Object>> recipes) {
    return recipes.stream().min(Comparator.comparingDouble(r -> real(r, "kl"))).orElseThrow();
  }

  @Test
  void nothingOnAFrontIsDominatedAndAllElseIs() {
    assertFront("pareto-accuracy.sql", accuracies(), "value", -1);
    List<Map<String, Object>> complete =
        accuracies().stream().filter(row -> row.get("matrices").equals(2L)).toList();
    assertThat(complete).hasSizeLessThan(accuracies().size());
    assertFront("pareto-error.sql", complete, "error", 1);
  }

  private static void assertFront(
      String name, List<Map<String, Object>> all, String measure, int sign) {
    List<Object> front = new ArrayList<>();
    for (Map<String, Object> a : all) {
      boolean dominated =
          all.stream()
              .anyMatch(
                  b ->
                      real(b, "bits") <= real(a, "bits")
                          && sign * real(b, measure) <= sign * real(a, measure)
                          && (real(b, "bits") < real(a, "bits")
                              || sign * real(b, measure) < sign * real(a, measure)));
      if (!dominated) {
        front.add(a.get("label"));
      }
    }
    assertThat(
            measured.answer(name).stream()
                .filter(row -> !"f1".equals(row.get("metric")))
                .map(row -> row.get("label")))
        .containsExactlyInAnyOrderElementsOf(front)
        .hasSizeBetween(3, all.size() - 1);
  }

  @Test
  void rankCorrelationsAreSpearmans() {
    List<Map<String, Object>> recipes =
        accuracies().stream().filter(row -> !row.get("label").equals("dense")).toList();
    double[] value = ranks(recipes, "value");
    Map<String, Object> row = measured.answer("error-against-accuracy.sql").get(0);
    assertThat(row).containsEntry("recipes", (long) recipes.size());
    for (String measure : List.of("error", "worst", "bits")) {
      assertThat(real(row, measure + "_value"))
          .isCloseTo(correlation(ranks(recipes, measure), value), within(1e-9));
    }
    assertThat(real(row, "error_agreement")).isCloseTo(-1, within(1e-9));
    assertThat(row.get("error_cosine")).isNull();
  }

  @Test
  void sensitivityIsErrorOverTheRecipesTypicalOne() {
    List<Map<String, Object>> rows =
        measured.answer("layer-sensitivity.sql").stream()
            .filter(row -> row.get("bits").equals(2L))
            .toList();
    assertThat(rows)
        .extracting(row -> row.get("kind") + " " + row.get("layer") + " " + row.get("recipes"))
        .containsExactlyInAnyOrder(
            "encoder.layer.*.attention.self.query.weight 0 2",
            "encoder.layer.*.output.dense.weight 1 2");
    assertThat(real(rows.get(0), "sensitivity"))
        .isGreaterThan(1)
        .isGreaterThan(real(rows.get(1), "sensitivity"));
    // Of one recipe, the squares of both matrices' ratios have the mean 1.
    for (String end : List.of("lowest", "highest")) {
      String other = end.equals("lowest") ? "highest" : "lowest";
      double square =
          Math.pow(real(rows.get(0), "sensitivity_" + end), 2)
              + Math.pow(real(rows.get(1), "sensitivity_" + other), 2);
      assertThat(square).isCloseTo(2, within(1e-9));
    }
  }

  @Test
  void protectionStandsBesideItsBareQuantizerAndRoundToNearest() {
    Map<String, Map<String, Object>> recipes = new HashMap<>();
    accuracies().forEach(row -> recipes.put((String) row.get("label"), row));
    List<Map<String, Object>> rows =
        measured.answer("gain-of-protection.sql").stream()
            .filter(row -> row.get("metric").equals("accuracy"))
            .toList();
    assertThat(rows)
        .extracting(row -> row.get("label") + " | " + row.get("bare") + " | " + row.get("rtn"))
        .containsExactlyInAnyOrder(
            "svd-preserve(keep=16) | svd-preserve(keep=0) | rtn(bits=4, granularity=row)",
            "magnitude-preserve(keep=16) | svd-preserve(keep=0) | rtn(bits=4, granularity=row)",
            "magnitude-preserve(keep=200000) | null | null");
    for (Map<String, Object> row : rows.stream().filter(r -> r.get("bare") != null).toList()) {
      assertThat(row).containsEntry("kept", 32L);
      for (String other : List.of("bare", "rtn")) {
        Map<String, Object> beside = recipes.get((String) row.get(other));
        assertThat(real(row, "error_over_" + other))
            .isCloseTo(real(row, "error") / real(beside, "error"), within(1e-12));
        assertThat(real(row, "value_over_" + other))
            .isCloseTo(real(row, "value") - real(beside, "value"), within(1e-12));
      }
    }
  }

  /** Rows of {@code every-recipe.sql}, the accuracy of each. */
  private static List<Map<String, Object>> accuracies() {
    return measured.answer("every-recipe.sql").stream()
        .filter(row -> "accuracy".equals(row.get("metric")))
        .toList();
  }

  private static double real(Map<String, Object> row, String column) {
    return (Double) row.get(column);
  }

  private static double[] ranks(List<Map<String, Object>> rows, String column) {
    return rows.stream()
        .mapToDouble(
            row -> {
              double value = real(row, column);
              long below = rows.stream().filter(r -> real(r, column) < value).count();
              long equal = rows.stream().filter(r -> real(r, column) == value).count();
              return below + (equal + 1) / 2.0;
            })
        .toArray();
  }

  private static double correlation(double[] x, double[] y) {
    double meanX = Arrays.stream(x).average().getAsDouble();
    double meanY = Arrays.stream(y).average().getAsDouble();
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 0; i < x.length; i++) {
      xy += (x[i] - meanX) * (y[i] - meanY);
      xx += (x[i] - meanX) * (x[i] - meanX);
      yy += (y[i] - meanY) * (y[i] - meanY);
    }
    return xy / Math.sqrt(xx * yy);
  }

  /**
   * Accuracy of steps, with ties; F1 that is nowhere defined for one; agreement without a tie; a
   * divergence that is not defined for one.
   */
  private static void land(Path out, List<Map<String, Object>> recipes) throws IOException {
    try (Committer committer =
        Committer.open(
            new Configuration(), out.toString(), "test", "run-measured", Clock.systemUTC())) {
      int i = 0;
      for (Map<String, Object> row : recipes) {
        double error = real(row, "error");
        double accuracy = Math.rint(8 - 4 * error + i % 3) / 10;
        for (String metric : List.of("accuracy", "f1")) {
          double value = metric.equals("accuracy") ? accuracy : i == 0 ? Double.NaN : accuracy / 2;
          committer.append(
              List.of(
                  new ModelMetricsRow(
                      "trial-" + row.get("label"),
                      (String) row.get("model"),
                      "bert",
                      ((String) row.get("label")).replaceFirst("\\(.*", ""),
                      (String) row.get("label"),
                      "uniform",
                      "paraphrase",
                      "test",
                      new ModelMetricsRow.Measured(
                          metric, value, 240, 100, value - 0.15, value + 0.15),
                      new ModelMetricsRow.Against(
                          0.8,
                          value - 0.8,
                          error > 0.5 ? 0.001 : 0.5,
                          1 - error / 4,
                          i == 2 ? Double.NaN : error * error + real(row, "bits") / 1000,
                          null),
                      new ModelMetricsRow.Size(real(row, "bits"), 20, 1000),
                      List.of(),
                      1.0,
                      240.0)));
        }
        i++;
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }
}
