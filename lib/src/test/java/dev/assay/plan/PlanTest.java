package dev.assay.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.assay.InputException;
import dev.assay.RealWeights;
import dev.assay.checkpoint.Tensor;
import dev.assay.config.Hocon;
import dev.assay.family.Families;
import dev.assay.family.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PlanTest {
  private static final Family BERT = Families.of("bert");
  private static final String BASE = "sweep = test, model = \"models/minilm\"\n";

  private static SweepSettings settings(String text, String... overrides) {
    return SweepSettings.read(Hocon.parse(BASE + text, "test.conf"), Arrays.asList(overrides));
  }

  private static Plan plan(String text, String... overrides) {
    return Plan.of(
        settings(text, overrides), BERT, RealWeights.tensors(), new StatisticsIds.None());
  }

  private static Set<String> ids(Plan plan) {
    Set<String> ids = new HashSet<>();
    plan.each().forEach(cell -> ids.add(cell.id()));
    return ids;
  }

  @Test
  void plansEveryRecipeOnEveryBlockLinear() {
    Plan plan = plan("recipes = [{method = dense}, {method = rtn, bits = [3, 4]}]");
    assertThat(plan.units()).hasSize(36);
    assertThat(plan.cells()).isEqualTo(108);
    assertThat(plan.tasks()).hasSize(12);
    assertThat(ids(plan)).hasSize(108);
    assertThat(plan.factorTasks()).isEmpty();
    assertThat(plan.tasks())
        .isSortedAccordingTo((a, b) -> Double.compare(b.work().seconds(), a.work().seconds()));
  }

  @Test
  void aLongSiteIsSeveralTasksWithTheSameCellsInTheSameOrder() {
    Plan plan = plan("recipes = [{method = rtn, bits = [2, 3, 4, 8], clip = [absmax, mse]}]");
    SiteTask site = plan.tasks().get(0);
    double whole = site.work().seconds();
    for (double limit : new double[] {whole / 100, whole / 3, whole * 2}) {
      List<SiteTask> parts = site.split(limit);
      assertThat(parts).flatExtracting(SiteTask::cells).isEqualTo(site.cells());
      assertThat(parts)
          .allSatisfy(
              part ->
                  assertThat(part.cells().size() == 1 || part.work().seconds() <= limit * 1.0001)
                      .isTrue());
      assertThat(parts).allSatisfy(part -> assertThat(part.cells()).isNotEmpty());
    }
    assertThat(site.split(whole * 2)).hasSize(1);
    assertThat(site.split(whole / 3).size()).isBetween(3, 5);
  }

  @Test
  void patternsChooseOtherTensors() {
    Plan plan = plan("recipes = [{method = rtn}], matrices = [\"*embeddings*\"]");
    assertThat(plan.units()).isNotEmpty();
    assertThat(plan("recipes = [{method = rtn}], exclude-matrices = [\"*.query.*\"]").units())
        .hasSize(30);
    assertThatThrownBy(() -> plan("recipes = [{method = rtn}], matrices = [\"*nothing*\"]"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("*nothing*");
  }

  @Test
  void factorsAreSharedByEveryRankBudgetAndWidth() {
    Plan plan =
        plan(
            "recipes = [{method = svd-preserve, keep = [1, 16], bits = [3, 4]},"
                + " {method = svd, rank = [8, 100]}]");
    assertThat(plan.factorTasks()).hasSize(36);
  }

  @Test
  void randomizedFactorsDependOnTheirOwnRecipeOnly() {
    String one = "factorizer = randomized, recipes = [{method = svd, rank = 8}]";
    String two = "factorizer = randomized, recipes = [{method = svd, rank = [8, 100]}]";
    assertThat(ids(plan(two))).containsAll(ids(plan(one)));
    assertThat(plan(two).factorTasks()).hasSize(72);
    assertThat(plan(one).factorTasks().get(0).factorization().rank()).isEqualTo(16);
  }

  @Test
  void idsAreTheSameForTheSameContentsWhateverTheNamesAndTheOrder() {
    Set<String> first = ids(plan("recipes = [{method = rtn, bits = 4}, {method = svd, rank = 8}]"));
    Set<String> again =
        ids(
            plan(
                "recipes = [{method = svd, rank = 8}, {name = other, stages = [{stage = quantize,"
                    + " bits = 4, grid = gptq-asym, granularity = row, clip = absmax}]}], out = elsewhere"));
    assertThat(again).isEqualTo(first);
  }

  @Test
  void idsChangeWithWhatDeterminesTheResultAndOnlyWithThat() {
    String rtn = "recipes = [{method = rtn}]";
    String random = "recipes = [{method = random-preserve}]";
    String svd = "recipes = [{method = svd, rank = 8}]";
    assertThat(ids(plan(rtn, "seed=1"))).isEqualTo(ids(plan(rtn)));
    assertThat(ids(plan(random, "seed=1"))).doesNotContainAnyElementsOf(ids(plan(random)));
    assertThat(ids(plan(rtn, "factorizer=mllib"))).isEqualTo(ids(plan(rtn)));
    assertThat(ids(plan(svd, "factorizer=mllib"))).doesNotContainAnyElementsOf(ids(plan(svd)));
    assertThat(ids(plan(rtn, "recipes=[{method=rtn, scale-type=f16}]")))
        .doesNotContainAnyElementsOf(ids(plan(rtn)));
    List<Tensor> touched = new ArrayList<>();
    for (Tensor t : RealWeights.tensors()) {
      touched.add(
          new Tensor(
              t.name(),
              t.file(),
              t.dtype(),
              t.rows(),
              t.cols(),
              t.position(),
              t.layout(),
              t.identity() + "x"));
    }
    assertThat(ids(Plan.of(settings(rtn), BERT, touched, new StatisticsIds.None())))
        .doesNotContainAnyElementsOf(ids(plan(rtn)));
  }

  @Test
  void aRecipeThatFitsNoMatrixIsRefusedAndOneThatFitsSomeIsNot() {
    assertThatThrownBy(() -> plan("recipes = [{method = magnitude-preserve, keep = 600000}]"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("keep = 600000 is more than");
    assertThat(plan("recipes = [{method = magnitude-preserve, keep = 200000}]").cells())
        .isEqualTo(36);
  }

  @Test
  void overridesAreHoconOrBareText() {
    SweepSettings settings =
        settings(
            "recipes = [{method = rtn}]",
            "recipes=[{method=dense}]",
            "out=hdfs://host:8020/results",
            "seed=7",
            "retry=failed",
            "matrices=*query*");
    assertThat(settings.recipes()).hasSize(1);
    assertThat(settings.recipes().get(0).name()).isEqualTo("dense");
    assertThat(settings.out()).isEqualTo("hdfs://host:8020/results");
    assertThat(settings.seed()).isEqualTo(7);
    assertThat(settings.retry()).isEqualTo(Retry.FAILED);
    assertThat(settings.filter().include()).containsExactly("*query*");
    assertThat(settings.modelName()).isEqualTo("minilm");
  }

  @Test
  void wrongConfigurationSaysWhereAndWhatWasMeant() {
    refuses("recipies = [{method = rtn}]", "Key 'recipes' is missing");
    refuses(
        "recipes = [{method = rtn}], modle = x", "Unknown key 'modle'", "Did you mean 'model'?");
    refuses("recipes = []", "Give at least one");
    refuses("recipes = rtn", "recipes");
    refuses("recipes = [{method = rtn}], sweep = \"a/b\"", "sweep = a/b");
    refuses("recipes = [{method = rtn}], sweep = \"a=b\"", "sweep = a=b", "partition");
    refuses(
        "recipes = [{method = rtn}], calibration = never",
        "calibration = \"never\"",
        "write calibration.use = \"never\"");
    refuses("recipes = [{method = rtn}], retry = always", "Choose one of: failed, none");
    refuses("recipes = [{method = rtn}], factorizer = lapak", "Did you mean 'lapack'?");
    refuses("recipes = [{method = rtn}], seed = many", "seed");
    refuses("recipes = [{method = rtn}], out = ${NO_SUCH_VARIABLE_HERE}", "NO_SUCH_VARIABLE_HERE");
    assertThatThrownBy(() -> Hocon.parse("recipes = [", "broken.conf"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("broken.conf");
    assertThatThrownBy(() -> settings("recipes = [{method = rtn}]", "recipes=[{method="))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("command line");
    assertThatThrownBy(
            () ->
                SweepSettings.read(ConfigFactory.parseString("sweep = x, recipes = []"), List.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("Key 'model' is missing");
  }

  private static void refuses(String text, String... messages) {
    assertThatThrownBy(() -> settings(text))
        .isInstanceOf(InputException.class)
        .satisfies(e -> assertThat(e.getMessage()).contains(messages));
  }

  @Test
  void leavingOutTheEvaluationLeavesTheCalibrationAlone() {
    String glue = "recipes = [{method = gptq}], task = rte, data = there";
    SweepSettings all = settings(glue);
    SweepSettings without = settings(glue, "task=");
    assertThat(all.calibrated()).isTrue();
    assertThat(without.evaluation().wanted()).isFalse();
    assertThat(without.calibrated()).isTrue();
    assertThat(without.calibration()).isEqualTo(all.calibration());
    // What is recorded says it, too.
    assertThat(SweepSettings.read(Hocon.parse(without.resolved(), "runs"), List.of()).calibration())
        .isEqualTo(all.calibration());
    assertThat(
            settings(glue, "task=", "calibration.task=sst2", "calibration.data=here")
                .calibration()
                .task())
        .isEqualTo("sst2");
    assertThat(settings("recipes = [{method = rtn}]", "task=").calibration().task()).isEmpty();
  }
}
