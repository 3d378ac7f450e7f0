package dev.assay.recipe.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.RealWeights;
import dev.assay.linalg.Symmetric;
import dev.assay.part.CompressedMatrix;
import dev.assay.recipe.Calibrated;
import dev.assay.recipe.Recipe;
import dev.assay.recipe.Recipes;
import dev.assay.recipe.State;
import dev.assay.recipe.TestKnowledge;
import dev.assay.recipe.UnfitException;
import dev.assay.stats.InputStatistics;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.util.Arrays;
import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PruneTest {
  private static BitSet zeros(Matrix matrix) {
    BitSet zeros = new BitSet();
    for (int i = 0; i < matrix.size(); i++) {
      zeros.set(i, matrix.data()[i] == 0);
    }
    return zeros;
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.1, 0.5, 0.7, 1})
  void magnitudePrunesTheSmallestAndTouchesNoOther(double sparsity) {
    Matrix weight = RealWeights.square();
    Matrix effective =
        Recipes.effective("{method = magnitude-prune, sparsity = " + sparsity + "}", weight);
    double[] squares = new double[weight.size()];
    boolean changed = false;
    for (int i = 0; i < squares.length; i++) {
      squares[i] = (double) weight.data()[i] * weight.data()[i];
      changed |= effective.data()[i] != 0 && effective.data()[i] != weight.data()[i];
    }
    assertThat(changed).isFalse();
    Arrays.sort(squares);
    int count = (int) (sparsity * squares.length);
    assertThat(zeros(effective).cardinality()).isEqualTo(count);
    double expected = Arrays.stream(squares).limit(count).sum();
    assertThat(Recipes.squaredDistance(effective, weight))
        .isCloseTo(expected, within(1e-9 * expected));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.33, 0.5, 0.9})
  void wandaPrunesAsManyInEveryRow(double sparsity) {
    Matrix weight = Calibrated.gaussian(30, 50, 1);
    InputStatistics statistics = Calibrated.statistics(Calibrated.inputs(80, 50, 1, 2));
    BitSet zeros =
        zeros(
            Calibrated.effective(
                "{method = wanda, sparsity = " + sparsity + "}", weight, statistics));
    for (int i = 0; i < 30; i++) {
      assertThat(zeros.get(50 * i, 50 * (i + 1)).cardinality()).isEqualTo((int) (50 * sparsity));
    }
  }

  @Test
  void wandaWithEqualNormsIsMagnitudeWithinRows() {
    Matrix weight = Calibrated.gaussian(20, 40, 1);
    Matrix x = Calibrated.gaussian(60, 40, 2);
    InputStatistics statistics = Calibrated.statistics(x, Symmetric.identity(40, 9));
    Matrix magnitude = Recipes.effective("{method = magnitude-prune, scope = row}", weight);
    assertThat(Calibrated.effective("{method = wanda}", weight, statistics)).isEqualTo(magnitude);
    assertThat(Recipes.effective("{method = magnitude-prune, scope = matrix}", weight))
        .isNotEqualTo(magnitude);
  }

  @Test
  void scalingAChannelAndItsColumnInverselyLeavesWandasMask() {
    Matrix weight = Calibrated.gaussian(20, 40, 1);
    Matrix x = Calibrated.inputs(60, 40, 1, 2);
    Matrix scaledWeight = weight.copy();
    Matrix scaledX = x.copy();
    for (int j = 0; j < 40; j++) {
      float scale = (float) Math.scalb(1.0, j % 9 - 4);
      for (int i = 0; i < 20; i++) {
        scaledWeight.data()[i * 40 + j] *= scale;
      }
      for (int t = 0; t < 60; t++) {
        scaledX.data()[t * 40 + j] /= scale;
      }
    }
    BitSet once = zeros(Calibrated.effective("{method = wanda}", weight, Calibrated.statistics(x)));
    BitSet again =
        zeros(
            Calibrated.effective("{method = wanda}", scaledWeight, Calibrated.statistics(scaledX)));
    assertThat(again).isEqualTo(once);
    assertThat(zeros(Recipes.effective("{method = magnitude-prune}", scaledWeight)))
        .isNotEqualTo(zeros(Recipes.effective("{method = magnitude-prune}", weight)));
  }

  @ParameterizedTest
  @CsvSource({"2, 4", "4, 8", "1, 4", "3, 5"})
  void patternsZeroNOfEveryMAndLeaveTheTail(int pruned, int of) {
    Matrix weight = Calibrated.gaussian(6, 22, 1);
    String entry =
        "{name = p, stages = [{stage = prune, score = magnitude, pattern = \""
            + pruned
            + ":"
            + of
            + "\"}, {stage = keep}]}";
    Matrix effective = Recipes.effective(entry, weight);
    for (int i = 0; i < 6; i++) {
      int whole = 22 / of * of;
      for (int from = 0; from < whole; from += of) {
        double smallestKept = Double.POSITIVE_INFINITY;
        double largestPruned = 0;
        int zeros = 0;
        for (int j = from; j < from + of; j++) {
          if (effective.at(i, j) == 0) {
            zeros++;
            largestPruned = Math.max(largestPruned, Math.abs(weight.at(i, j)));
          } else {
            assertThat(effective.at(i, j)).isEqualTo(weight.at(i, j));
            smallestKept = Math.min(smallestKept, Math.abs(weight.at(i, j)));
          }
        }
        assertThat(zeros).isEqualTo(pruned);
        assertThat(largestPruned).isLessThan(smallestKept);
      }
      for (int j = whole; j < 22; j++) {
        assertThat(effective.at(i, j)).isEqualTo(weight.at(i, j));
      }
    }
  }

  @Test
  void aLooserPatternLosesLess() {
    Matrix weight = RealWeights.wide();
    double error24 =
        error("{method = magnitude-prune, sparsity = none, pattern = \"2:4\"}", weight);
    double error48 =
        error("{method = magnitude-prune, sparsity = none, pattern = \"4:8\"}", weight);
    double free = error("{method = magnitude-prune, scope = row}", weight);
    assertThat(free).isLessThan(error48);
    assertThat(error48).isLessThan(error24);
  }

  private static double error(String entry, Matrix weight) {
    return Recipes.squaredDistance(Recipes.effective(entry, weight), weight);
  }

  @Test
  void tiesPruneTheLowestIndex() {
    Matrix weight = Matrix.of(2, 4, new float[] {1, 1, 1, 1, 1, -1, 2, 1});
    assertThat(zeros(Recipes.effective("{method = magnitude-prune}", weight)).stream())
        .containsExactly(0, 1, 2, 3);
    assertThat(zeros(Recipes.effective("{method = magnitude-prune, scope = row}", weight)).stream())
        .containsExactly(0, 1, 4, 5);
    assertThat(
            zeros(
                Recipes.effective(
                    "{method = magnitude-prune, sparsity = none, pattern = \"2:4\"}", weight))
                .stream())
        .containsExactly(0, 1, 4, 5);
  }

  @Test
  void whatIsStoredIsAMaskAndWhatIsLeft() {
    Matrix weight = RealWeights.square();
    int size = 384 * 384;
    CompressedMatrix half =
        Recipes.compress(
            "{method = magnitude-prune, sparsity = none, pattern = \"2:4\", value-type = f16}",
            weight);
    assertThat(half.bytes()).isEqualTo(size / 8 + 2 * size / 2);
    assertThat(half.effectiveBits()).isEqualTo(9);
    CompressedMatrix quantized = Recipes.compress(PRUNED_CODES, weight);
    // One bit per entry, 3 bits per entry that is left, and per row a scale and a 3-bit zero point.
    int left = size - (int) (0.6 * size);
    assertThat(quantized.bytes()).isEqualTo(size / 8 + (3 * left + 7) / 8 + 384 * 4 + 384 * 3 / 8);
  }

  private static final String PRUNED_CODES =
      "{name = both, stages = [{stage = prune, score = magnitude, sparsity = 0.6, scope = matrix},"
          + " {stage = quantize, bits = 3, grid = gptq-asym, granularity = row}]}";

  @Test
  void quantizingSeesOnlyWhatIsLeft() {
    Matrix weight = Calibrated.gaussian(10, 30, 4);
    Matrix effective = Recipes.effective(PRUNED_CODES, weight);
    Matrix pruned = Recipes.effective("{method = magnitude-prune, sparsity = 0.6}", weight);
    BitSet gone = zeros(pruned);
    for (int i = 0; i < 10; i++) {
      double lo = 0;
      double hi = 0;
      for (int j = 0; j < 30; j++) {
        lo = Math.min(lo, pruned.at(i, j));
        hi = Math.max(hi, pruned.at(i, j));
      }
      double scale = (hi - lo) / 7;
      double zero = Math.rint(-lo / scale);
      for (int j = 0; j < 30; j++) {
        double code = Math.rint(weight.at(i, j) / scale) + zero;
        double expected = scale * (Math.max(0, Math.min(7, code)) - zero);
        assertThat((double) effective.at(i, j))
            .isCloseTo(gone.get(i * 30 + j) ? 0 : expected, within(1e-6));
      }
    }
  }

  @Test
  void protectedEntriesAreNotPruned() {
    Matrix weight = Calibrated.gaussian(8, 16, 4);
    String entry =
        "{name = three, stages = [{stage = protect, score = random, keep = 40},"
            + " {stage = prune, score = magnitude, sparsity = 0.5, scope = row},"
            + " {stage = quantize, bits = 4, grid = narrow-sym, granularity = tensor}]}";
    Recipe recipe = Recipes.one(entry);
    TestKnowledge knowledge = new TestKnowledge(weight);
    State state = State.of(weight, DType.F32);
    State protectedState = recipe.stages().get(0).apply(state, knowledge);
    BitSet kept = protectedState.frozen();
    BitSet pruned = recipe.stages().get(1).apply(protectedState, knowledge).pruned();
    assertThat(kept.intersects(pruned)).isFalse();
    Matrix effective = recipe.compress(weight, DType.F32, knowledge).decode();
    kept.stream().forEach(i -> assertThat(effective.data()[i]).isEqualTo(weight.data()[i]));
    pruned.stream().forEach(i -> assertThat(effective.data()[i]).isZero());
    for (int i = 0; i < 8; i++) {
      int open = 16 - kept.get(16 * i, 16 * i + 16).cardinality();
      assertThat(pruned.get(16 * i, 16 * i + 16).cardinality()).isEqualTo(Math.min(8, open));
    }
  }

  @Test
  void aLowRankPartAndASparseResidualAreBetterThanEither() {
    Matrix weight = RealWeights.square();
    String residual =
        "{name = sparse-residual, stages = [{stage = factor, rank = 48, then = residual},"
            + " {stage = prune, score = magnitude, sparsity = 0.75, scope = matrix},"
            + " {stage = keep}]}";
    assertThat(error(residual, weight))
        .isLessThan(error("{method = svd, rank = 48}", weight))
        .isLessThan(error("{method = magnitude-prune, sparsity = 0.75}", weight));
  }

  @Test
  void sparsityIsAColumnOfTheTable() {
    assertThat(Recipes.one("{method = wanda, sparsity = 0.3}").columns(8, 8))
        .containsEntry("sparsity", 0.3);
    assertThat(Recipes.one("{method = wanda, pattern = \"1:4\", sparsity = none}").columns(8, 8))
        .containsEntry("sparsity", 0.25);
    assertThat(Recipes.one(PRUNED_CODES).columns(8, 8))
        .containsEntry("sparsity", 0.6)
        .containsEntry("bits", 3);
  }

  @Test
  void nothingPrunedIsTheRecipeWithout() {
    assertThat(Recipes.one("{method = magnitude-prune, sparsity = 0}"))
        .isEqualTo(Recipes.one("{method = dense}"));
    assertThat(Recipes.one("{method = wanda, sparsity = none, pattern = \"0:4\"}"))
        .isEqualTo(Recipes.one("{method = dense}"));
  }

  @Test
  void aRowShorterThanThePatternDoesNotFit() {
    Recipe recipe = Recipes.one("{method = magnitude-prune, sparsity = none, pattern = \"4:8\"}");
    assertThatThrownBy(() -> recipe.check(3, 7))
        .isInstanceOf(UnfitException.class)
        .hasMessageContaining("needs rows of at least 8 entries, not 7");
  }
}
