package dev.assay.recipe.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.linalg.Symmetric;
import dev.assay.part.Granularity;
import dev.assay.part.Permutation;
import dev.assay.part.UniformLevels;
import dev.assay.recipe.Calibrated;
import dev.assay.recipe.Need;
import dev.assay.recipe.Recipe;
import dev.assay.recipe.Recipes;
import dev.assay.recipe.State;
import dev.assay.recipe.TestKnowledge;
import dev.assay.recipe.UnfitException;
import dev.assay.recipe.protect.Protect;
import dev.assay.recipe.quantize.Clip;
import dev.assay.recipe.quantize.Quantizer;
import dev.assay.recipe.quantize.ScaleBits;
import dev.assay.recipe.quantize.Uniform;
import dev.assay.recipe.quantize.UniformQuantizer;
import dev.assay.stats.Fisher;
import dev.assay.stats.InputStatistics;
import dev.assay.tensor.DType;
import dev.assay.tensor.Matrix;
import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScoreTest {
  private static final int ROWS = 12;
  private static final int COLS = 20;
  private static final int DEAD = 7;
  private static final Quantizer FOUR_BITS =
      new UniformQuantizer(
          4,
          Uniform.NARROW_SYM,
          Granularity.parse("tensor").orElseThrow(),
          new Clip.AbsMax(),
          DType.F32,
          UniformLevels.ZeroType.PACKED,
          ScaleBits.NONE);

  private final Matrix weight = Calibrated.gaussian(ROWS, COLS, 1);
  private final Matrix x = inputs();
  private final TestKnowledge knowledge =
      TestKnowledge.of(weight, Calibrated.statistics(x)).with(fisher());
  private final State state = State.of(weight, DType.F32);

  private static Matrix inputs() {
    Matrix x = Calibrated.inputs(60, COLS, 2, 2);
    for (int t = 0; t < x.rows(); t++) {
      x.data()[t * COLS + DEAD] = 0;
    }
    return x;
  }

  private static Fisher fisher() {
    Matrix squares = Calibrated.gaussian(ROWS, COLS, 3);
    for (int i = 0; i < squares.size(); i++) {
      squares.data()[i] *= squares.data()[i];
    }
    return new Fisher(10, squares, Symmetric.identity(COLS, 1), Symmetric.identity(ROWS, 1));
  }

  private void isEntryByEntry(Score score, EntryScores.Entry expected) {
    float[] scores = score.of(state, knowledge);
    assertThat(scores).hasSize(weight.size());
    for (int i = 0, at = 0; i < ROWS; i++) {
      for (int j = 0; j < COLS; j++, at++) {
        double value = expected.of(weight.at(i, j), i, j);
        assertThat((double) scores[at]).isCloseTo(value, within(1e-6 * value));
      }
    }
  }

  private double sum(int j, int power) {
    double sum = 0;
    for (int t = 0; t < x.rows(); t++) {
      sum += Math.pow(Math.abs(x.at(t, j)), power);
    }
    return sum;
  }

  @Test
  void channelScoresAreTheirFormulas() {
    Matrix squares = fisher().diagonal();
    isEntryByEntry(new AwqEntry(), (w, i, j) -> Math.abs(w) * sum(j, 1) / x.rows());
    isEntryByEntry(new HessianDiagonal(), (w, i, j) -> w * w * sum(j, 2));
    isEntryByEntry(new Wanda(), (w, i, j) -> Math.abs(w) * Math.sqrt(sum(j, 2)));
    isEntryByEntry(new FisherDiagonal(), (w, i, j) -> w * w * squares.at(i, j));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.01, 1, 0})
  void spqrAgreesWithAnExplicitInverse(double damping) {
    double[][] h = new double[COLS][COLS];
    double mean = 0;
    for (int i = 0; i < COLS; i++) {
      for (int j = 0; j < COLS; j++) {
        for (int t = 0; t < x.rows(); t++) {
          h[i][j] += (double) x.at(t, i) * x.at(t, j);
        }
      }
      mean += h[i][i] / COLS;
    }
    for (int i = 0; i < COLS; i++) {
      h[i][i] = h[i][i] == 0 ? 1 : h[i][i] + damping * mean;
    }
    double[][] inverse = inverse(h);
    double largest = 0;
    for (float w : weight.data()) {
      largest = Math.max(largest, Math.abs(w));
    }
    double scale = largest / 7;
    float[] scores = new SpqrSensitivity(FOUR_BITS, damping).of(state, knowledge);
    for (int i = 0, at = 0; i < ROWS; i++) {
      for (int j = 0; j < COLS; j++, at++) {
        double error = weight.at(i, j) - scale * Math.rint(weight.at(i, j) / scale);
        double expected = j == DEAD ? 0 : error * error / inverse[j][j];
        // ŵ is rounded to float: the error is good to 1e-7, its square to twice that times itself.
        double slack = j == DEAD ? 0 : 1e-6 * Math.abs(error) / inverse[j][j];
        assertThat((double) scores[at]).isCloseTo(expected, within(1e-6 * expected + slack));
      }
    }
  }

  /** Gauss and Jordan. */
  private static double[][] inverse(double[][] matrix) {
    int n = matrix.length;
    double[][] work = new double[n][2 * n];
    for (int i = 0; i < n; i++) {
      System.arraycopy(matrix[i], 0, work[i], 0, n);
      work[i][n + i] = 1;
    }
    for (int pivot = 0; pivot < n; pivot++) {
      double divisor = work[pivot][pivot];
      for (int j = 0; j < 2 * n; j++) {
        work[pivot][j] /= divisor;
      }
      for (int i = 0; i < n; i++) {
        double factor = work[i][pivot];
        for (int j = 0; i != pivot && j < 2 * n; j++) {
          work[i][j] -= factor * work[pivot][j];
        }
      }
    }
    double[][] inverse = new double[n][n];
    for (int i = 0; i < n; i++) {
      System.arraycopy(work[i], n, inverse[i], 0, n);
    }
    return inverse;
  }

  @Test
  void awqColumnTakesWholeColumnsInOrder() {
    Matrix two = Matrix.zeros(3, 4);
    double[] mean = {1, 5, 5, 9};
    InputStatistics statistics =
        new InputStatistics(1, mean, mean, Symmetric.identity(4, 1), Matrix.zeros(1, 4));
    float[] scores =
        new AwqColumn().of(State.of(two, DType.F32), TestKnowledge.of(two, statistics));
    // Column 3 first, then 1 before 2, which are equal; within a column from the top.
    assertThat(columnsOf(scores, 3)).containsExactly(3, 7, 11);
    assertThat(columnsOf(scores, 5)).containsExactly(1, 3, 5, 7, 11);
    assertThat(columnsOf(scores, 7)).containsExactly(1, 2, 3, 5, 7, 9, 11);
  }

  private static int[] columnsOf(float[] scores, int count) {
    return TopK.indices(scores, count).stream().toArray();
  }

  @Test
  void wandaAndTheHessiansDiagonalChooseTheSame() {
    float[] wanda = new Wanda().of(state, knowledge);
    float[] diagonal = new HessianDiagonal().of(state, knowledge);
    for (int count : new int[] {1, 10, 100}) {
      assertThat(TopK.indices(wanda, count)).isEqualTo(TopK.indices(diagonal, count));
    }
  }

  @Test
  void scoresFollowAReorderingOfTheInput() {
    int[] order = new int[COLS];
    for (int j = 0; j < COLS; j++) {
      order[j] = (7 * j + 3) % COLS;
    }
    State moved = state.rebase(Permutation.of(order));
    Score[] all = {
      new Magnitude(),
      new Principal(3),
      new AwqEntry(),
      new AwqColumn(),
      new SpqrSensitivity(FOUR_BITS, 0.01),
      new HessianDiagonal(),
      new Wanda()
    };
    for (Score score : all) {
      float[] before = score.of(state, knowledge);
      float[] after = score.of(moved, knowledge);
      for (int i = 0; i < ROWS; i++) {
        for (int j = 0; j < COLS; j++) {
          float expected = before[i * COLS + order[j]];
          assertThat(after[i * COLS + j])
              .as("%s", score)
              .isCloseTo(expected, within(1e-6f * expected));
        }
      }
    }
    assertThatThrownBy(() -> new FisherDiagonal().of(moved, knowledge))
        .isInstanceOf(UnfitException.class)
        .hasMessageContaining("own basis");
  }

  @Test
  void aScoreIsNeverNaN() {
    InputStatistics known = knowledge.statistics();
    double[] mean = known.meanAbs().clone();
    mean[4] = Double.NaN;
    InputStatistics poisoned =
        new InputStatistics(known.tokens(), mean, known.maxAbs(), known.hessian(), known.rows());
    assertThatThrownBy(() -> new AwqEntry().of(state, TestKnowledge.of(weight, poisoned)))
        .isInstanceOf(UnfitException.class)
        .hasMessageContaining("[0, 4] is NaN");
    mean[4] = 1e300;
    float[] huge = new AwqEntry().of(state, TestKnowledge.of(weight, poisoned));
    assertThat(huge[4]).isEqualTo(Float.MAX_VALUE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "awq-preserve",
        "awq-column-preserve",
        "spqr-preserve",
        "hessian-preserve",
        "fisher-preserve"
      })
  void aSelectorKeepsNothingOrEverything(String method) {
    String plain =
        "{method = rtn, bits = 4, grid = narrow-sym, granularity = tensor, clip = \"sigma(2.5)\"}";
    assertThat(Recipes.one("{method = " + method + ", keep = 0}")).isEqualTo(Recipes.one(plain));
    String all = "{method = " + method + ", keep = " + weight.size() + "}";
    assertThat(Calibrated.effective(all, weight, knowledge)).isEqualTo(weight);
    Recipe some = Recipes.one("{method = " + method + ", keep = 30}");
    Matrix effective = some.compress(weight, DType.F32, knowledge).decode();
    BitSet exact = new BitSet();
    for (int i = 0; i < weight.size(); i++) {
      exact.set(i, effective.data()[i] == weight.data()[i]);
    }
    float[] scores = ((Protect) some.stages().get(0)).score().of(state, knowledge);
    BitSet kept = TopK.indices(scores, 30);
    exact.and(kept);
    assertThat(exact).isEqualTo(kept);
  }

  @Test
  void recipesSayWhatTheyHaveToKnow() {
    assertThat(Recipes.one("{method = awq-preserve}").needs()).containsExactly(Need.STATISTICS);
    assertThat(Recipes.one("{method = spqr-preserve}").needs()).containsExactly(Need.STATISTICS);
    assertThat(Recipes.one("{method = fisher-preserve}").needs()).containsExactly(Need.FISHER);
    assertThat(Recipes.one("{method = wanda}").needs()).containsExactly(Need.STATISTICS);
    assertThat(Recipes.one("{method = magnitude-prune}").needs()).isEmpty();
    assertThat(Recipes.one("{method = awq-preserve, keep = 0}").needs()).isEmpty();
    assertThat(Recipes.one("{method = svd}").needs()).isEmpty();
    assertThat(Recipes.one("{method = svd-llm}").needs()).containsExactly(Need.STATISTICS);
    assertThat(Recipes.one("{method = fwsvd}").needs()).containsExactly(Need.FISHER);
  }

  @Test
  void theQuantizerOfAScoreIsPartOfTheRecipe() {
    Recipe one = Recipes.one("{method = spqr-preserve, damping = 0.01}");
    assertThat(Recipes.one("{method = spqr-preserve}").canonical()).isEqualTo(one.canonical());
    assertThat(Recipes.one("{method = spqr-preserve, damping = 0.1}").canonical())
        .isNotEqualTo(one.canonical());
  }
}
