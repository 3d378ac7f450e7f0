package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.InputException;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.LocalFolder;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.config.Hocon;
import dev.assay.jobs.sweep.SweepRun;
import dev.assay.plan.Comparison;
import dev.assay.plan.SweepSettings;
import dev.assay.recipe.NamedRecipe;
import dev.assay.stats.InputStatistics;
import dev.assay.stats.StatisticsFile;
import dev.assay.tensor.Matrix;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Methods compared with each other: on answers, and on what they protect. */
class CompareTest {
  private static final int ROWS = 150;
  private static final int SOME = 60;
  private static final String RECIPES =
      "recipes=[{method=dense},"
          + "{method=svd-preserve,rank=2,bits=[2,4],keep=[16,64]},"
          + "{method=awq-preserve,bits=[2,4],keep=[16,64]},"
          + "{method=spqr-preserve,bits=[2,4],keep=[16,64]},"
          + "{method=svd-preserve,rank=32,bits=3,keep=[16,64,512]},"
          + "{method=magnitude-preserve,bits=3,keep=[16,64,512]},"
          + "{method=random-preserve,bits=2,keep=64,replicate=[0,1]}]";
  private static final String PRIMARY =
      "{name=primary,of=svd-preserve,against=[awq-preserve,spqr-preserve],where{bits=2},pair-by=keep}";
  private static final String LATER =
      "{name=later,of=awq-preserve,against=spqr-preserve,where{bits=4,keep=[64,99]},pair-by=keep}";

  @TempDir private static Path folder;

  private static Path out;
  private static List<Integer> labels;
  private static SweepRun.Summary first;
  private static SweepRun.Summary second;
  private static List<Path> afterFirst;
  private static List<Path> afterSecond;

  @BeforeAll
  static void sweep() throws IOException {
    TinyClassifier.write(folder.resolve("model"));
    TinyClassifier.texts(folder.resolve("data"), "dev.tsv", ROWS, 3);
    TinyClassifier.texts(folder.resolve("data"), "train.tsv", 60, 4);
    labels =
        Files.readAllLines(folder.resolve("data/dev.tsv")).stream()
            .skip(1)
            .map(line -> Integer.parseInt(line.split("\t", -1)[1]))
            .toList();
    out = folder.resolve("out");
    first = Sweeps.run(settings(out, "comparisons=[" + PRIMARY + "]"));
    afterFirst = Sweeps.files(out).paths();
    second = Sweeps.run(settings(out, "comparisons=[" + PRIMARY + "]"));
    afterSecond = Sweeps.files(out).paths();
  }

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  private static SweepSettings settings(Path out, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "model=\"" + folder.resolve("model") + "\"",
                RECIPES,
                "task=sst2",
                "data=\"" + folder.resolve("data") + "\"",
                "evaluation-rows=" + SOME,
                "predictions=true",
                "selection-overlap=true"));
    arguments.addAll(List.of(more));
    return Sweeps.settings(out, arguments.toArray(String[]::new));
  }

  @Test
  void countsAreThoseOfThePredictions() {
    List<List<Object>> rows = comparisons(out, "primary");
    assertThat(rows).hasSize(4);
    List<Double> p = new ArrayList<>();
    int told = 0;
    for (List<Object> row : rows) {
      boolean[] a = correct(out, (String) row.get(3));
      boolean[] b = correct(out, (String) row.get(4));
      int onlyA = (int) IntStream.range(0, ROWS).filter(i -> a[i] && !b[i]).count();
      int onlyB = (int) IntStream.range(0, ROWS).filter(i -> b[i] && !a[i]).count();
      assertThat(row.subList(5, 10)).containsExactly(ROWS, count(a), count(b), onlyA, onlyB);
      told += onlyA + onlyB;
      p.add((Double) row.get(10));
      assertThat(p.get(p.size() - 1)).isCloseTo(exact(onlyA, onlyB), within(1e-12));
      assertThat(row.get(12)).isEqualTo(4);
    }
    assertThat(told).as("rows that tell any two models apart").isGreaterThan(20);
    assertThat(rows).extracting(row -> row.get(0)).containsOnly("svd-preserve");
    assertThat(rows)
        .extracting(row -> row.get(1) + " " + row.get(2))
        .containsExactly(
            "awq-preserve 16", "awq-preserve 64", "spqr-preserve 16", "spqr-preserve 64");
    for (int i = 0; i < 4; i++) {
      assertThat((Double) rows.get(i).get(11)).isCloseTo(holm(p, i), within(1e-12));
    }
  }

  @Test
  void bitsOfBothSidesAreTheirTrials() {
    assertThat(
            Sweeps.files(out)
                .query(
                    "SELECT c.a_effective_bits = a.effective_bits, c.b_effective_bits ="
                        + " b.effective_bits, c.a_label = a.label, c.b_label = b.label FROM"
                        + " ${comparisons} c JOIN ${model_metrics} a ON a.trial_id = a_trial_id"
                        + " JOIN ${model_metrics} b ON b.trial_id = b_trial_id"))
        .hasSize(4)
        .containsOnly(List.of(true, true, true, true));
  }

  @Test
  void whatIsNotComparedAnswersADrawnPart() {
    SweepFiles files = Sweeps.files(out);
    assertThat(files.column("SELECT DISTINCT label FROM ${model_metrics} WHERE n = " + ROWS))
        .hasSize(7)
        .contains("dense")
        .allMatch(label -> label.equals("dense") || label.toString().contains("bits=2"))
        .noneMatch(label -> label.toString().startsWith("random"));
    List<List<Object>> others =
        files.query(
            "SELECT trial_id, dense_value, correct, treatments::VARCHAR FROM ${model_metrics}"
                + " WHERE n = "
                + SOME);
    assertThat(others).hasSize(14);
    boolean[] dense =
        correct(
            out,
            (String) files.value("SELECT trial_id FROM ${model_metrics} WHERE label = 'dense'"));
    Set<List<Object>> drawn = new HashSet<>();
    for (List<Object> other : others) {
      List<Object> rows = rows(out, (String) other.get(0));
      drawn.add(rows);
      long right = rows.stream().filter(row -> dense[(Integer) row]).count();
      assertThat((Double) other.get(1)).isEqualTo((double) right / SOME);
      assertThat(other.get(3).toString()).contains("Only 60 of 150 rows, drawn by the seed");
      boolean[] correct = correct(out, (String) other.get(0));
      assertThat(count(correct)).isEqualTo(other.get(2));
    }
    assertThat(drawn).hasSize(1);
    assertThat(drawn.iterator().next())
        .hasSize(SOME)
        .isNotEqualTo(IntStream.range(0, SOME).boxed().toList());
  }

  @Test
  void aSecondRunComparesNothing() {
    assertThat(afterSecond).isEqualTo(afterFirst);
    assertThat(first.done()).isPositive();
    assertThat(second.done()).isZero();
    assertThat(second.comparisons()).isEqualTo(first.comparisons()).hasSize(1);
  }

  /** Other tests read the same output, so this one takes one of its own. */
  @Test
  void laterComparisonsAskWhatTheyNeedAndLostOnesComeBack() throws IOException {
    Path own = folder.resolve("own");
    String few =
        "recipes=[{method=awq-preserve,bits=4,keep=[16,64]},"
            + "{method=spqr-preserve,bits=4,keep=[16,64]},{method=rtn,bits=2}]";
    String[] without = {few, "predictions=false", "selection-overlap=false"};
    Sweeps.run(settings(own, without));
    SweepFiles files = Sweeps.files(own);
    assertThat(files.column("SELECT DISTINCT n FROM ${model_metrics}")).containsExactly(SOME);
    assertThat(own.resolve("test/predictions")).doesNotExist();
    String[] with = {
      few, "predictions=false", "selection-overlap=false", "comparisons=[" + LATER + "]"
    };
    assertThat(Sweeps.run(settings(own, with)).done()).isZero();
    List<List<Object>> rows = comparisons(own, "later");
    assertThat(rows).hasSize(1);
    assertThat(rows.get(0).subList(0, 3)).containsExactly("awq-preserve", "spqr-preserve", "64");
    assertThat(rows.get(0).get(5)).isEqualTo(ROWS);
    assertThat(rows.get(0).get(11)).isEqualTo(rows.get(0).get(10));
    assertThat(files.column("SELECT DISTINCT trial_id FROM ${predictions}")).hasSize(2);
    long measured = files.count("${model_metrics}");
    try (Stream<Path> all = Files.walk(own.resolve("test/comparisons"))) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
    Sweeps.run(settings(own, with));
    assertThat(comparisons(own, "later")).isEqualTo(rows);
    assertThat(files.count("${model_metrics}")).isEqualTo(measured);
  }

  @Test
  void overlapIsWhatANaiveCountFinds() throws IOException {
    String matrix = "bert.encoder.layer.0.intermediate.dense.weight";
    LocalFolder model = new LocalFolder(folder.resolve("model"));
    Matrix weight = Checkpoint.read(model, Checkpoint.open(model).matrix(matrix));
    double[] mean = meanAbs("mlp.input");
    for (int keep : new int[] {16, 64}) {
      Set<Integer> awq =
          top(weight, keep, i -> Math.abs(weight.data()[i]) * mean[i % weight.cols()]);
      Set<Integer> magnitude = top(weight, keep, i -> Math.abs(weight.data()[i]));
      Set<Integer> both = new HashSet<>(awq);
      both.retainAll(magnitude);
      Set<Integer> either = new HashSet<>(awq);
      either.addAll(magnitude);
      assertThat(
              Sweeps.files(out)
                  .query(
                      "SELECT shared, iou FROM ${selection_overlap} WHERE a = 'awq' AND b ="
                          + " 'magnitude' AND keep = "
                          + keep
                          + " AND matrix = '"
                          + matrix
                          + "'"))
          .containsExactly(List.of((long) both.size(), (double) both.size() / either.size()));
      assertThat(both.size()).isBetween(1, keep - 1);
    }
  }

  @Test
  void equalSelectionsOverlapWhole() {
    List<List<Object>> rows =
        Sweeps.files(out)
            .query(
                "SELECT keep, shared, iou FROM ${selection_overlap} WHERE a = 'magnitude' AND b ="
                    + " 'principal' AND b_parameters['rank'] = '32'");
    assertThat(rows).hasSize(18);
    for (List<Object> row : rows) {
      assertThat(row.subList(1, 3)).containsExactly(row.get(0), 1.0);
    }
  }

  /**
   * At 16: awq, spqr for 2 and for 4 bits, principal of two ranks, magnitude; at 64 two draws more.
   */
  @Test
  void everyPairOfSelectionsIsCountedOnce() {
    SweepFiles files = Sweeps.files(out);
    assertThat(
            files.query(
                "SELECT keep, count(*), count(DISTINCT overlap_id) FROM ${selection_overlap} GROUP"
                    + " BY keep ORDER BY keep"))
        .containsExactly(
            List.of(16L, 6L * 15, 6L * 15), List.of(64L, 6L * 28, 6L * 28), List.of(512L, 6L, 6L));
    assertThat(
            files.column(
                "SELECT DISTINCT a_parameters['quantizer.bits'] || b_parameters['quantizer.bits']"
                    + " FROM ${selection_overlap} WHERE a = 'spqr' AND b = 'spqr'"))
        .containsExactlyInAnyOrder("24");
  }

  @Test
  void whatCannotBeComparedIsRefused() {
    assertRefused("Did you mean 'awq-preserve'?", "awq-preserv", "{bits=2}", "keep");
    assertRefused("Did you mean 'bits'?", "awq-preserve", "{bit=2}", "keep");
    assertRefused("Did you mean 'keep'?", "awq-preserve", "{bits=2}", "kept");
    assertRefused(
        "pairs no recipe of svd-preserve with one of magnitude-preserve",
        "magnitude-preserve",
        "{bits=2}",
        "keep");
    assertRefused("pairs no recipe", "awq-preserve", "{bits=5}", "keep");
    assertThatThrownBy(() -> settings(out, "comparisons=[" + PRIMARY + "," + PRIMARY + "]"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("name of its own");
    assertThatThrownBy(() -> settings(out, "comparisons=[" + PRIMARY + "]", "task=\"\""))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("set task and data");
    assertThatThrownBy(() -> settings(out, "comparisons=[" + PRIMARY + "]", "task=stsb"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("the answers to stsb are scores");
    assertThatThrownBy(() -> settings(out, "recipes=[{method=rtn}]"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("selection-overlap")
        .hasMessageContaining("No two recipes protect");
  }

  private static void assertRefused(String message, String against, String where, String pairBy) {
    String comparison =
        "comparisons=[{name=c,of=svd-preserve,against=[%s],where%s,pair-by=%s}]"
            .formatted(against, where, pairBy);
    assertThatThrownBy(() -> settings(out, comparison))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(message);
  }

  @Test
  void theExperimentIsAllOfItsGrid() {
    SweepSettings experiment = experiment();
    assertThat(experiment.recipes()).hasSize(1 + 6 + 10 * 6 * 3 * 2);
    assertThat(experiment.selectionOverlap()).isTrue();
    Comparison primary = experiment.comparisons().get(0);
    assertThat(primary.pairs(experiment.recipes()))
        .hasSize(12)
        .allSatisfy(
            pair -> {
              assertThat(pair.a().parameters()).containsEntry("bits", "4");
              assertThat(pair.b().parameters()).containsEntry("clip", "sigma(2.5)");
            })
        .extracting(Comparison.Pair::value)
        .containsOnly("1", "16", "64", "256", "1024", "4096");
    // Keeping nothing is the plain quantizer, whatever would have selected.
    List<NamedRecipe> more =
        experiment(
                "recipes += {method=spqr-preserve,keep=0,bits=[2,3,4],clip=[\"sigma(2.5)\",absmax]}",
                "recipes += {method=random-preserve,keep=0,bits=[2,3,4],clip=[\"sigma(2.5)\",absmax]}")
            .recipes();
    assertThat(more).hasSize(experiment.recipes().size());
  }

  private static SweepSettings experiment(String... more) {
    String text;
    try {
      text = Files.readString(Repository.ROOT.resolve("conf/weight-preservation.conf"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    String whole = text + "\n" + String.join("\n", more);
    return SweepSettings.read(
        Hocon.parse(whole, "weight-preservation.conf"), List.of("model=m", "task=rte", "data=d"));
  }

  private static List<List<Object>> comparisons(Path out, String name) {
    return Sweeps.files(out)
        .query(
            "SELECT a, b, pair_value, a_trial_id, b_trial_id, n, a_correct, b_correct, only_a,"
                + " only_b, p_value, p_holm, tests FROM ${comparisons} WHERE comparison = '"
                + name
                + "' ORDER BY b, pair_value");
  }

  private static List<Object> rows(Path out, String trial) {
    return Sweeps.files(out)
        .column(
            "SELECT \"row\" FROM ${predictions} WHERE trial_id = '" + trial + "' ORDER BY \"row\"");
  }

  /** Which rows of the file a trial answered as they are labelled. */
  private static boolean[] correct(Path out, String trial) {
    boolean[] correct = new boolean[ROWS];
    for (List<Object> row :
        Sweeps.files(out)
            .query(
                "SELECT \"row\", \"values\"[1], \"values\"[2] FROM ${predictions} WHERE"
                    + " trial_id = '"
                    + trial
                    + "'")) {
      int answer = (Double) row.get(2) > (Double) row.get(1) ? 1 : 0;
      correct[(Integer) row.get(0)] = answer == labels.get((Integer) row.get(0));
    }
    return correct;
  }

  private static int count(boolean[] correct) {
    return (int) IntStream.range(0, correct.length).filter(i -> correct[i]).count();
  }

  /** Twice the smaller tail of Binomial(n, ½), in whole numbers. */
  private static double exact(int onlyA, int onlyB) {
    int n = onlyA + onlyB;
    BigInteger tail = BigInteger.ZERO;
    BigInteger choose = BigInteger.ONE;
    for (int k = 0; k <= Math.min(onlyA, onlyB); k++) {
      tail = tail.add(choose);
      choose = choose.multiply(BigInteger.valueOf(n - k)).divide(BigInteger.valueOf(k + 1));
    }
    BigDecimal p = new BigDecimal(tail.shiftLeft(1)).divide(new BigDecimal(BigInteger.TWO.pow(n)));
    return Math.min(1, p.doubleValue());
  }

  /** Holm's definition, by counting: what precedes p, each times how many are not before it. */
  private static double holm(List<Double> p, int of) {
    double corrected = 0;
    for (double one : p) {
      if (one <= p.get(of)) {
        long before = p.stream().filter(other -> other < one).count();
        corrected = Math.max(corrected, Math.min(1, (p.size() - before) * one));
      }
    }
    return corrected;
  }

  private static Set<Integer> top(Matrix weight, int keep, IntToDoubleFunction score) {
    return new HashSet<>(
        IntStream.range(0, weight.size())
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> -score.applyAsDouble(i)))
            .limit(keep)
            .toList());
  }

  private static double[] meanAbs(String input) throws IOException {
    try (Stream<Path> all = Files.walk(out.resolve("test/statistics"))) {
      Path file =
          all.filter(path -> path.toString().endsWith("." + input + ".safetensors"))
              .findFirst()
              .orElseThrow();
      try (SafetensorsFile read = SafetensorsFile.open(file)) {
        InputStatistics statistics = StatisticsFile.read(read, file.toString());
        return statistics.meanAbs();
      }
    }
  }
}
