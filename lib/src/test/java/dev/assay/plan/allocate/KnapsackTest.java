package dev.assay.plan.allocate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.assay.plan.Cell;
import dev.assay.plan.Factorization;
import dev.assay.plan.Unit;
import dev.assay.recipe.NamedRecipe;
import dev.assay.recipe.Recipe;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KnapsackTest {
  private static Choice choice(int unit, int recipe, long bytes, double loss) {
    NamedRecipe named =
        new NamedRecipe("r" + recipe, Map.of(), List.of(), new Recipe(List.of()), List.of());
    Cell cell =
        new Cell(
            unit + "-" + recipe,
            new Unit("u" + unit, "site", 0, List.of()),
            named,
            Factorization.NONE);
    return new Choice(cell, bytes, loss);
  }

  /** Losses that fall with bytes, roughly: as many as half of the choices are beaten by others. */
  private static List<List<Choice>> random(Random random, int units, int recipes, int scale) {
    List<List<Choice>> all = new ArrayList<>();
    for (int u = 0; u < units; u++) {
      List<Choice> choices = new ArrayList<>();
      double weight = Math.exp(2 * random.nextGaussian());
      for (int r = 0; r < recipes; r++) {
        long bytes = 1L + random.nextInt(scale);
        double loss = weight * Math.exp(-4.0 * bytes / scale + 0.5 * random.nextGaussian());
        choices.add(choice(u, r, bytes, r == 0 ? Math.rint(4 * loss) / 4 : loss));
      }
      all.add(choices);
    }
    return all;
  }

  /** The least loss within the budget, by trying all. */
  private static double least(List<List<Choice>> units, int at, long left) {
    if (at == units.size()) {
      return 0;
    }
    double least = Double.POSITIVE_INFINITY;
    for (Choice choice : units.get(at)) {
      if (choice.bytes() <= left) {
        least = Math.min(least, choice.loss() + least(units, at + 1, left - choice.bytes()));
      }
    }
    return least;
  }

  private static long fewest(List<List<Choice>> units) {
    return units.stream()
        .mapToLong(of -> of.stream().mapToLong(Choice::bytes).min().orElseThrow())
        .sum();
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 20, 1000, 1_000_000})
  void itIsTheOptimumOfAllThatCanBeTried(int scale) {
    Random random = new Random(scale);
    for (int round = 0; round < 200; round++) {
      List<List<Choice>> units = random(random, 1 + random.nextInt(6), 5, scale);
      long fewest = fewest(units);
      long budget = fewest + (long) (random.nextDouble() * units.size() * scale);
      Allocation found = Knapsack.solve(units, budget).orElseThrow();
      double least = least(units, 0, budget);
      assertThat(found.loss()).isCloseTo(least, within(1e-9 * Math.max(1, least)));
      assertThat(found.bytes()).isLessThanOrEqualTo(budget);
      assertThat(found.bound()).isCloseTo(found.loss(), within(1e-9 * Math.max(1, least)));
      assertThat(found.chosen()).hasSameSizeAs(units);
      for (int u = 0; u < units.size(); u++) {
        assertThat(units.get(u)).contains(found.chosen().get(u));
      }
      // The Lagrangian alone: within the budget too, and its bound is one.
      Allocation fast = Knapsack.solve(units, budget, 0).orElseThrow();
      assertThat(fast.bytes()).isLessThanOrEqualTo(budget);
      assertThat(fast.loss()).isGreaterThanOrEqualTo(least * (1 - 1e-12));
      assertThat(fast.bound()).isLessThanOrEqualTo(least + 1e-9 * Math.max(1, least));
    }
  }

  /** Points on a line, where the slope past the middle one rounds to less than that to it. */
  @Test
  void theBudgetHoldsWhateverRoundingDoes() {
    List<List<Choice>> units =
        List.of(
            List.of(
                choice(0, 0, 1, 1.3),
                choice(0, 1, 2, 0.9),
                choice(0, 2, 3, 0.7),
                choice(0, 3, 4, 0.1)));
    for (long budget = 1; budget <= 4; budget++) {
      Allocation found = Knapsack.solve(units, budget).orElseThrow();
      assertThat(found.bytes()).isEqualTo(budget);
      assertThat(found.bound()).isLessThanOrEqualTo(found.loss());
    }
    Random random = new Random(7);
    for (int round = 0; round < 2000; round++) {
      List<List<Choice>> tenths = new ArrayList<>();
      for (int u = 0; u < 2; u++) {
        List<Choice> choices = new ArrayList<>();
        for (int r = 0; r < 5; r++) {
          choices.add(choice(u, r, r + 1, random.nextInt(20) / 10.0));
        }
        tenths.add(choices);
      }
      for (long budget = 2; budget <= 10; budget++) {
        Allocation found = Knapsack.solve(tenths, budget).orElseThrow();
        assertThat(found.bytes()).isLessThanOrEqualTo(budget);
        assertThat(found.loss()).isCloseTo(least(tenths, 0, budget), within(1e-9));
      }
    }
  }

  @Test
  void theExtremesAreTheSmallestAndTheBest() {
    List<List<Choice>> units = random(new Random(1), 8, 6, 1000);
    long fewest = fewest(units);
    assertThat(Knapsack.solve(units, fewest - 1)).isEmpty();
    assertThat(Knapsack.solve(units, fewest)).map(Allocation::bytes).contains(fewest);
    Optional<Allocation> all = Knapsack.solve(units, Long.MAX_VALUE / 2);
    double best =
        units.stream()
            .mapToDouble(of -> of.stream().mapToDouble(Choice::loss).min().orElseThrow())
            .sum();
    assertThat(all.orElseThrow().loss()).isCloseTo(best, within(1e-12));
  }

  @Test
  void theOrderOfChoicesDoesNotMatter() {
    List<List<Choice>> units = random(new Random(2), 12, 7, 500);
    List<List<Choice>> shuffled = new ArrayList<>();
    for (List<Choice> choices : units) {
      List<Choice> other = new ArrayList<>(choices);
      Collections.shuffle(other, new Random(3));
      shuffled.add(other);
    }
    long budget = fewest(units) + 1000;
    assertThat(Knapsack.solve(shuffled, budget)).isEqualTo(Knapsack.solve(units, budget));
  }

  /** As many matrices as a large model has, and as many recipes as a long grid. */
  @Test
  void aLargeModelHasACertificate() {
    List<List<Choice>> units = random(new Random(4), 560, 40, 10_000_000);
    long budget = fewest(units) + 560L * 1_000_000;
    Allocation found = Knapsack.solve(units, budget).orElseThrow();
    assertThat(found.bytes()).isLessThanOrEqualTo(budget);
    assertThat(found.bound()).isLessThanOrEqualTo(found.loss() * (1 + 1e-12));
    assertThat(found.loss() - found.bound()).isLessThan(1e-3 * found.loss());
  }
}
