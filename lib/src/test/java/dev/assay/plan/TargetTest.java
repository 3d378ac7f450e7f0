package dev.assay.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.RealWeights;
import dev.assay.config.Hocon;
import dev.assay.family.Families;
import dev.assay.recipe.NamedRecipe;
import java.util.List;
import org.junit.jupiter.api.Test;

class TargetTest {
  private static final String SWEEP =
      "sweep = t, model = m, recipes = [{method = rtn, bits = [2, 4]}, {method = gptq}],"
          + " calibration { use = auto, task = paraphrase },"
          + " allocations = [{name = a, bits = [2.5, 3], recipes = [\"rtn(*\"]},"
          + " {name = b, bytes = 1000, minimize = output-error}]";

  private static SweepSettings settings() {
    return SweepSettings.read(Hocon.parse(SWEEP, "t"), List.of());
  }

  @Test
  void everyBudgetIsATarget() {
    assertThat(settings().allocations())
        .extracting(Target::label)
        .containsExactly("a(bits=2.5)", "a(bits=3)", "b(bytes=1000)");
    assertThat(settings().allocations())
        .extracting(Target::objective)
        .containsExactly(Objective.WEIGHT_ERROR, Objective.WEIGHT_ERROR, Objective.OUTPUT_ERROR);
  }

  @Test
  void aBudgetOfBitsIsOfAllUnitsAndRoundedDown() {
    List<Unit> units =
        Plan.of(
                settings().only(settings().recipes().get(0)),
                Families.of("bert"),
                RealWeights.tensors(),
                new StatisticsIds.None())
            .units();
    long weights = units.stream().mapToLong(Unit::size).sum();
    Target target = settings().allocations().get(0);
    assertThat(target.bytes(units)).isEqualTo(weights * 5 / 16);
    assertThat(target.bytes(units.subList(0, 1))).isEqualTo(units.get(0).size() * 5 / 16);
    assertThat(settings().allocations().get(2).bytes(units)).isEqualTo(1000);
  }

  /** So that what it does not choose from asks for nothing. */
  @Test
  void aloneItKeepsTheRecipesThatItMayChoose() {
    SweepSettings alone = settings().only(settings().allocations().get(0));
    assertThat(alone.recipes())
        .extracting(NamedRecipe::label)
        .containsExactly("rtn(bits=2)", "rtn(bits=4)");
    assertThat(alone.allocations()).containsExactly(settings().allocations().get(0));
    assertThat(alone.calibrated()).isFalse();
  }
}
