package dev.assay.recipe.factor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.RealWeights;
import dev.assay.linalg.Blas;
import dev.assay.linalg.Factors;
import dev.assay.linalg.Symmetric;
import dev.assay.part.CompressedMatrix;
import dev.assay.part.LowRank;
import dev.assay.part.Permutation;
import dev.assay.recipe.Calibrated;
import dev.assay.recipe.Need;
import dev.assay.recipe.Recipes;
import dev.assay.recipe.Stage;
import dev.assay.recipe.State;
import dev.assay.recipe.TestKnowledge;
import dev.assay.recipe.UnfitException;
import dev.assay.stats.Fisher;
import dev.assay.stats.InputStatistics;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NormTest {
  private static final int ROWS = 40;
  private static final int COLS = 60;

  private final Matrix weight = Calibrated.gaussian(ROWS, COLS, 1);
  private final Matrix x = Calibrated.inputs(200, COLS, 1.5, 2);
  private final InputStatistics statistics = Calibrated.statistics(x);

  private Matrix lowRank(String metric, int rank, InputStatistics known) {
    return Calibrated.effective(stage(metric, rank), weight, known);
  }

  private static String stage(String metric, int rank) {
    return "{name = low, stages = [{stage = factor, rank = "
        + rank
        + ", metric = \""
        + metric
        + "\"}]}";
  }

  private static void close(Matrix actual, Matrix expected, double tolerance) {
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.data()[i]).isCloseTo(expected.data()[i], within((float) tolerance));
    }
  }

  private static double dropped(Factors factors, int rank) {
    double sum = 0;
    for (int i = rank; i < factors.rank(); i++) {
      sum += factors.sigma()[i] * factors.sigma()[i];
    }
    return sum;
  }

  @ParameterizedTest
  @EnumSource(Whitening.Root.class)
  void whiteningLosesExactlyTheDroppedEnergyOfTheOutput(Whitening.Root root) {
    Factors factors =
        new Whitening(root)
            .factors(State.of(weight, DType.F32), TestKnowledge.of(weight, statistics), 1);
    String metric = new Whitening(root).toString();
    for (int rank : new int[] {1, 7, 25, 39}) {
      double expected = dropped(factors, rank);
      Matrix effective = lowRank(metric, rank, statistics);
      double error = Calibrated.outputError(weight, effective, statistics.hessian());
      assertThat(error).isCloseTo(expected, within(1e-5 * expected));
      for (String other : new String[] {"frobenius", "activation(0.5)", "activation(1)"}) {
        double worse =
            Calibrated.outputError(weight, lowRank(other, rank, statistics), statistics.hessian());
        assertThat(error).as("rank %d against %s", rank, other).isLessThan(worse);
      }
    }
    close(lowRank(metric, ROWS, statistics), weight, 1e-5);
  }

  @Test
  void bothRootsGiveTheSameApproximation() {
    State state = State.of(weight, DType.F32);
    TestKnowledge knowledge = TestKnowledge.of(weight, statistics);
    Factors one = new Whitening(Whitening.Root.CHOLESKY).factors(state, knowledge, 1);
    Factors two = new Whitening(Whitening.Root.EIGEN).factors(state, knowledge, 1);
    for (int i = 0; i < one.rank(); i++) {
      assertThat(two.sigma()[i]).isCloseTo(one.sigma()[i], within(1e-9 * one.sigma()[i]));
    }
    close(lowRank("whitening-eigen", 9, statistics), lowRank("whitening", 9, statistics), 1e-5);
  }

  @Test
  void orthonormalInputsMakeItPlain() {
    InputStatistics white = Calibrated.statistics(x, Symmetric.identity(COLS, 25));
    Matrix plain = lowRank("frobenius", 9, white);
    close(lowRank("whitening", 9, white), plain, 1e-5);
    close(lowRank("whitening-eigen", 9, white), plain, 1e-5);
    close(lowRank("activation(0)", 9, statistics), plain, 1e-5);
  }

  @Test
  void activationScalingMinimizesItsOwnError() {
    int rank = 12;
    double[] scale = new double[COLS];
    for (int j = 0; j < COLS; j++) {
      for (int t = 0; t < x.rows(); t++) {
        scale[j] += Math.abs(x.at(t, j)) / x.rows();
      }
      scale[j] = Math.sqrt(scale[j]) + 1e-6;
    }
    Factors factors =
        new Activation(0.5)
            .factors(State.of(weight, DType.F32), TestKnowledge.of(weight, statistics), rank);
    double asvd = weighted(lowRank("activation(0.5)", rank, statistics), j -> scale[j]);
    double expected = dropped(factors, rank);
    assertThat(asvd).isCloseTo(expected, within(1e-5 * expected));
    assertThat(asvd)
        .isLessThan(weighted(lowRank("frobenius", rank, statistics), j -> scale[j]))
        .isLessThan(weighted(lowRank("whitening", rank, statistics), j -> scale[j]));
    // On inputs whose channels differ, scaling helps the output.
    assertThat(
            Calibrated.outputError(
                weight, lowRank("activation(0.5)", rank, statistics), statistics.hessian()))
        .isLessThan(
            Calibrated.outputError(
                weight, lowRank("frobenius", rank, statistics), statistics.hessian()));
  }

  private double weighted(Matrix effective, IntToDoubleFunction scale) {
    double sum = 0;
    for (int i = 0; i < ROWS; i++) {
      for (int j = 0; j < COLS; j++) {
        double error = ((double) weight.at(i, j) - effective.at(i, j)) * scale.applyAsDouble(j);
        sum += error * error;
      }
    }
    return sum;
  }

  @Test
  void fisherRowsMinimizeTheWeightedError() {
    Matrix squares = Calibrated.gaussian(ROWS, COLS, 5);
    double[] sums = new double[COLS];
    for (int i = 0, at = 0; i < ROWS; i++) {
      for (int j = 0; j < COLS; j++, at++) {
        squares.data()[at] *= squares.data()[at] * (1 + j);
        sums[j] += squares.data()[at];
      }
    }
    TestKnowledge knowledge = TestKnowledge.of(weight, statistics).with(fisher(squares));
    Matrix effective = Calibrated.effective(stage("fisher-rows", 10), weight, knowledge);
    Factors factors = new FisherRows().factors(State.of(weight, DType.F32), knowledge, 10);
    double expected = dropped(factors, 10);
    assertThat(weighted(effective, j -> Math.sqrt(sums[j])))
        .isCloseTo(expected, within(1e-5 * expected))
        .isLessThan(weighted(lowRank("frobenius", 10, statistics), j -> Math.sqrt(sums[j])));
    Matrix ones = Matrix.zeros(ROWS, COLS);
    Arrays.fill(ones.data(), 3);
    close(
        Calibrated.effective(
            stage("fisher-rows", 10), weight, new TestKnowledge(weight).with(fisher(ones))),
        lowRank("frobenius", 10, statistics),
        1e-5);
    assertThatThrownBy(
            () ->
                Calibrated.effective(
                    stage("fisher-rows", 10),
                    weight,
                    new TestKnowledge(weight).with(fisher(Matrix.zeros(ROWS, COLS)))))
        .isInstanceOf(UnfitException.class)
        .hasMessageContaining("not all 0");
  }

  private static Fisher fisher(Matrix squares) {
    return new Fisher(1, squares, Symmetric.identity(COLS, 1), Symmetric.identity(ROWS, 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"whitening", "whitening-eigen"})
  void singularInputsAreStillApproximated(String metric) {
    Matrix few = Calibrated.inputs(30, COLS, 1, 8);
    for (int t = 0; t < few.rows(); t++) {
      few.data()[t * COLS + 11] = 0;
    }
    InputStatistics known = Calibrated.statistics(few);
    Matrix effective = lowRank(metric, 10, known);
    assertThat(effective.firstNonFinite()).isEqualTo(-1);
    double best = bestOutputError(few, 10);
    assertThat(Calibrated.outputError(weight, effective, known.hessian()))
        .isCloseTo(best, within(1e-3 * best));
    // Thirty tokens span thirty directions: rank 30 represents the output exactly.
    assertThat(Calibrated.outputError(weight, lowRank(metric, 30, known), known.hessian()))
        .isLessThan(1e-5 * best);
    Matrix nothing = Matrix.zeros(3, COLS);
    assertThatThrownBy(() -> lowRank(metric, 10, Calibrated.statistics(nothing)))
        .isInstanceOf(RuntimeException.class)
        .hasMessageMatching(".*(not positive definite|not a sum of squares).*");
  }

  /** Σ of the squared singular values of W·Xᵀ beyond the first {@code rank}. */
  private double bestOutputError(Matrix inputs, int rank) {
    Matrix output = Matrix.zeros(ROWS, inputs.rows());
    for (int i = 0; i < ROWS; i++) {
      for (int t = 0; t < inputs.rows(); t++) {
        double sum = 0;
        for (int j = 0; j < COLS; j++) {
          sum += (double) weight.at(i, j) * inputs.at(t, j);
        }
        output.data()[i * inputs.rows() + t] = (float) sum;
      }
    }
    return dropped(new TestKnowledge(output).factors(1), rank);
  }

  @ParameterizedTest
  @ValueSource(strings = {"frobenius", "activation(0.5)", "whitening", "whitening-eigen"})
  void theBasisMakesNoDifference(String metric) {
    int[] order = new int[COLS];
    for (int j = 0; j < COLS; j++) {
      order[j] = (7 * j + 3) % COLS;
    }
    TestKnowledge knowledge = TestKnowledge.of(weight, statistics);
    Stage stage = Recipes.one(stage(metric, 9)).stages().get(0);
    State moved = State.of(weight, DType.F32).rebase(Permutation.of(order));
    Matrix there = stage.apply(moved, knowledge).result().decode();
    close(there, lowRank(metric, 9, statistics), 1e-5);
  }

  @Test
  void aFactorizationServesEveryRank() {
    TestKnowledge knowledge = TestKnowledge.of(weight, statistics);
    State state = State.of(weight, DType.F32);
    Norm metric = new Whitening(Whitening.Root.CHOLESKY);
    assertThat(metric.factors(state, knowledge, 30)).isSameAs(metric.factors(state, knowledge, 2));
    Matrix other = Calibrated.gaussian(ROWS, COLS, 77);
    assertThat(metric.factors(State.of(other, DType.F32), knowledge, 2))
        .isNotSameAs(metric.factors(state, knowledge, 2));
  }

  @Test
  void realWeightsLoseLessOutputUnderWhitening() {
    Matrix real = RealWeights.tall();
    Matrix inputs = Calibrated.inputs(700, 384, 1, 3);
    InputStatistics known = Calibrated.statistics(inputs, Symmetric.of(384, Blas.gram(inputs)));
    double llm = realError("{method = svd-llm, rank = 96}", real, known);
    assertThat(llm)
        .isLessThan(realError("{method = asvd, rank = 96}", real, known))
        .isLessThan(realError("{method = svd, rank = 96}", real, known));
  }

  private static double realError(String entry, Matrix weight, InputStatistics known) {
    Matrix difference = Calibrated.effective(entry, weight, known);
    for (int i = 0; i < difference.size(); i++) {
      difference.data()[i] -= weight.data()[i];
    }
    return Blas.quadraticForm(difference, known.hessian());
  }

  /** Both factors keep 10 entries by w²·Hⱼⱼ and round the others, to 2 bits in R and 4 in L. */
  @Test
  void factorsAreCompressedWithTheStatisticsOfWhatTheyRead() {
    String nested =
        "{stages = [{stage = protect, score = hessian-diagonal, keep = 10},"
            + " {stage = quantize, bits = BITS, grid = narrow-sym, granularity = tensor}]}";
    String quantized =
        "{name = q, stages = [{stage = factor, rank = 6, metric = whitening, left = "
            + nested.replace("BITS", "4")
            + ", right = "
            + nested.replace("BITS", "2")
            + "}]}";
    assertThat(Recipes.one(quantized.replace("whitening", "frobenius")).needs())
        .containsExactly(Need.STATISTICS);
    LowRank actual = part(quantized);
    LowRank kept = part(stage("whitening", 6));

    Symmetric h = statistics.hessian();
    Matrix right = oracle(kept.right().decode(), h, 1);
    assertThat(actual.right().decode()).isEqualTo(right);

    Matrix whole = kept.left().decode();
    double[] carried = carried(right, h);
    assertThat(actual.left().decode()).isEqualTo(oracle(whole, Symmetric.of(6, carried), 7));
    // What R itself would make of the input leads to another choice.
    double[] other = carried(kept.right().decode(), h);
    assertThat(actual.left().decode()).isNotEqualTo(oracle(whole, Symmetric.of(6, other), 7));
    InputStatistics through = statistics.through(right);
    assertThat(through.width()).isEqualTo(6);
    for (int i = 0; i < carried.length; i++) {
      assertThat(through.hessian().data()[i])
          .isCloseTo(carried[i], within(1e-9 * through.hessian().meanDiagonal()));
    }
    for (int a = 0; a < 6; a++) {
      double mean = 0;
      double max = 0;
      for (int t = 0; t < x.rows(); t++) {
        double y = 0;
        for (int j = 0; j < COLS; j++) {
          y += (double) right.at(a, j) * x.at(t, j);
        }
        mean += Math.abs(y) / x.rows();
        max = Math.max(max, Math.abs(y));
      }
      assertThat(through.meanAbs()[a]).isCloseTo(mean, within(1e-5 * mean));
      assertThat(through.maxAbs()[a]).isCloseTo(max, within(1e-5 * max));
    }
  }

  private static double[] carried(Matrix right, Symmetric h) {
    double[] carried = new double[6 * 6];
    for (int a = 0; a < 6; a++) {
      for (int b = 0; b < 6; b++) {
        for (int j = 0; j < COLS; j++) {
          for (int k = 0; k < COLS; k++) {
            carried[a * 6 + b] += (double) right.at(a, j) * h.at(j, k) * right.at(b, k);
          }
        }
      }
    }
    return carried;
  }

  private LowRank part(String entry) {
    CompressedMatrix compressed =
        Recipes.one(entry).compress(weight, DType.F32, TestKnowledge.of(weight, statistics));
    return (LowRank) compressed.parts().get(0);
  }

  private static Matrix oracle(Matrix factor, Symmetric h, int steps) {
    BitSet kept = new BitSet();
    for (int n = 0; n < 10; n++) {
      int best = -1;
      for (int i = 0; i < factor.size(); i++) {
        if (!kept.get(i) && (best < 0 || score(factor, h, i) > score(factor, h, best))) {
          best = i;
        }
      }
      kept.set(best);
    }
    float largest = 0;
    for (int i = 0; i < factor.size(); i++) {
      largest = kept.get(i) ? largest : Math.max(largest, Math.abs(factor.data()[i]));
    }
    float scale = largest / steps;
    Matrix expected = factor.copy();
    for (int i = 0; i < factor.size(); i++) {
      if (!kept.get(i)) {
        expected.data()[i] = scale * (int) Math.rint(factor.data()[i] / scale);
      }
    }
    return expected;
  }

  private static double score(Matrix factor, Symmetric h, int i) {
    int j = i % factor.cols();
    return (double) factor.data()[i] * factor.data()[i] * h.at(j, j);
  }
}
