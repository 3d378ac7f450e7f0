package dev.assay.evaluate.pairs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.assay.InputException;
import dev.assay.evaluate.Fixtures;
import dev.assay.evaluate.answers.Cosine;
import dev.assay.evaluate.answers.Measure;
import dev.assay.evaluate.answers.Predictions;
import dev.assay.evaluate.answers.Proportion;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParaphraseSetTest {
  private static double threshold(double[] scores, int... labels) {
    return Threshold.choose(scores, labels).value();
  }

  @Test
  void readsBothPartsOfOneFile() {
    ParaphraseSet pairs = Fixtures.pairs(Fixtures.folder("pairs"));
    assertThat(pairs.data().size()).isEqualTo(7);
    assertThat(pairs.train()).containsExactly(0, 2, 3, 5);
    assertThat(pairs.test()).containsExactly(1, 4, 6);
    assertThat(pairs.data().labels()).containsExactly(1, 1, 0, 1, 0, 0, 1);
    assertThat(pairs.data().examples().get(4).second()).isEqualTo("The cat chased the dog.");
  }

  @Test
  void choosesOnTrainAndJudgesOnTest() {
    ParaphraseSet pairs = Fixtures.pairs(Fixtures.folder("pairs"));
    // Train rows 0, 2, 3, 5 with labels 1 0 1 0; test rows 1, 4, 6 with labels 1 0 1.
    ParaphraseSet.Decision decision =
        pairs.decide(Fixtures.predictions(1, .9f, .95f, .5f, .75f, .65f, .1f, .2f));
    assertThat(decision.threshold().value()).isCloseTo(.625, within(1e-7));
    assertThat(decision.train().accuracy()).isEqualTo(new Proportion(4, 4));
    assertThat(decision.test().accuracy()).isEqualTo(new Proportion(1, 3));
    assertThat(decision.test().measures(ParaphraseSet.METRICS, 1))
        .extracting(Measure::value)
        .containsExactly(1 / 3.0, .5);
  }

  @Test
  void aPairWithoutASimilarityIsWrong() {
    ParaphraseSet pairs = Fixtures.pairs(Fixtures.folder("pairs"));
    ParaphraseSet.Decision decision =
        pairs.decide(
            Fixtures.predictions(1, Float.NaN, .95f, .5f, .75f, Float.NaN, .1f, Float.NaN));
    assertThat(decision.train().accuracy()).isEqualTo(new Proportion(3, 4));
    assertThat(decision.test().accuracy()).isEqualTo(new Proportion(1, 3));
  }

  @Test
  void thresholdsOfHand() {
    assertThat(threshold(new double[] {1, 2, 3, 4}, 0, 0, 1, 1)).isEqualTo(2.5);
    // 3.5 and 1.5 get three of four right each: the higher is taken.
    assertThat(threshold(new double[] {1, 2, 3, 4}, 0, 1, 0, 1)).isEqualTo(3.5);
    assertThat(threshold(new double[] {1, 2}, 1, 1)).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(threshold(new double[] {1, 2}, 0, 0)).isEqualTo(Double.POSITIVE_INFINITY);
    // Equal scores cannot be told apart, and nothing is gained over saying no to all.
    assertThat(threshold(new double[] {2, 2}, 1, 0)).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(threshold(new double[0])).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(threshold(new double[] {Double.NaN, 1, 2}, 1, 0, 1)).isEqualTo(1.5);
    double next = Math.nextUp(1.0);
    assertThat(threshold(new double[] {1, next, 2}, 0, 1, 1)).isEqualTo(next);
  }

  /** No threshold lies between scores that differ by rounding: all pairs get one answer. */
  @Test
  void roundingIsNoSimilarity() {
    double[] scores = {0.99999988, 1, 0.99999994, 1};
    assertThat(Threshold.choose(scores, new int[] {0, 1, 0, 1}).value())
        .isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(Threshold.choose(scores, new int[] {0, 1, 1, 1}).value())
        .isEqualTo(Double.NEGATIVE_INFINITY);
  }

  @Test
  void noThresholdIsBetter() {
    SplittableRandom random = new SplittableRandom(6);
    for (int trial = 0; trial < 200; trial++) {
      int n = 1 + random.nextInt(12);
      double[] scores = random.ints(n, 0, 6).asDoubleStream().toArray();
      int[] labels = random.ints(n, 0, 2).toArray();
      Threshold chosen = Threshold.choose(scores, labels);
      int best = 0;
      double highest = Double.NaN;
      for (double t : new double[] {9, 4.5, 3.5, 2.5, 1.5, .5, -9}) {
        int correct = correct(new Threshold(t), scores, labels);
        if (correct > best) {
          best = correct;
          highest = t;
        }
      }
      assertThat(correct(chosen, scores, labels)).isEqualTo(best);
      // Answers like the highest of the best, which may lie in a wider gap.
      for (double score : scores) {
        assertThat(chosen.classOf(score)).isEqualTo(new Threshold(highest).classOf(score));
      }
    }
  }

  private static int correct(Threshold threshold, double[] scores, int[] labels) {
    int correct = 0;
    for (int i = 0; i < scores.length; i++) {
      correct += threshold.classOf(scores[i]) == labels[i] ? 1 : 0;
    }
    return correct;
  }

  @Test
  void similarityIsOfTheTwoTextsOfARow() {
    Predictions embeddings =
        Fixtures.predictions(new int[] {9, 8, 6, 7}, 2, 0, 3, 2, 2, 1, 0, -5, 0);
    Predictions similarity = EmbeddedPairs.similarities(embeddings);
    assertThat(similarity.row(0)).isEqualTo(3);
    assertThat(similarity.values(0)).containsExactly(-1);
    assertThat(similarity.row(1)).isEqualTo(4);
    assertThat((double) similarity.values(1)[0]).isCloseTo(Math.sqrt(.5), within(1e-7));
    for (int[] rows : new int[][] {{0}, {0, 2}, {1, 2}, {0, 1, 3}}) {
      assertThatThrownBy(
              () ->
                  EmbeddedPairs.similarities(Fixtures.predictions(rows, 1, new float[rows.length])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("has no embedding");
    }
  }

  @Test
  void cosineOfZeroAndOfNothing() {
    float[] zero = {0, 0};
    assertThat(Cosine.of(zero, new float[] {1, 2})).isNaN();
    assertThat(Cosine.of(zero, zero)).isNaN();
    assertThat(Cosine.of(zero, new float[] {1, Float.NaN})).isNaN();
    assertThat(Cosine.of(new float[] {Float.POSITIVE_INFINITY}, new float[] {1})).isNaN();
    assertThat(Cosine.of(new float[] {3e38f, 3e38f}, new float[] {1e-40f, 1e-40f}))
        .isCloseTo(1, within(1e-9));
  }

  @Test
  void wordOverlapByHand() {
    assertThat(WordOverlap.of("The cat, the DOG!", "A dog; the Cat")).isEqualTo(3 / 4.0);
    assertThat(WordOverlap.of("Größe 12", "größe 13")).isEqualTo(1 / 3.0);
    assertThat(WordOverlap.of("one", "two")).isZero();
    assertThat(WordOverlap.of("…", "")).isEqualTo(1);
    assertThat(WordOverlap.of("a", "")).isZero();
  }

  @Test
  void wordOverlapFailsOnHardNegatives() {
    ParaphraseSet pairs = Fixtures.pairs(Fixtures.folder("pairs"));
    ParaphraseSet.Decision decision = pairs.decide(WordOverlap.of(pairs.data()));
    // Overlaps of the train part: 1 (yes), 2/3 (no), 1/3 (yes), 1/7 (no).
    assertThat(decision.threshold().value()).isCloseTo(5 / 6.0, within(1e-6));
    assertThat(decision.train().accuracy()).isEqualTo(new Proportion(3, 4));
    // "The dog chased the cat" has all the words of "The cat chased the dog".
    assertThat(decision.test().accuracy()).isEqualTo(new Proportion(0, 3));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Hdev>1>a>b           | line 2: Column 'split' is 'dev'. Use one of: train, test",
        "Htrain>2>a>b         | line 2: Column 'label' is '2'. Use one of: 0, 1",
        "Htrain>>a>b          | line 2: Column 'label' is empty",
        "Htrain>1>a           | line 2: Has 3 columns, not 4",
        "split>label>a>b~     | line 1: Has no column 'sentence1'",
        "label>sentence1>sentence2~     | line 1: Has no column 'split'",
        "Htrain>1>a>b~train>0>a>b~test>1>a>b | Its test part has no pair of label 0",
        "Htest>1>a>b~test>0>a>b         | Its train part has no pair of label 0",
      })
  void refuses(String text, String message, @TempDir Path directory) {
    String file =
        text.replaceFirst("^H", "split>label>sentence1>sentence2~")
            .replace('>', '\t')
            .replace('~', '\n');
    assertThatThrownBy(() -> Fixtures.pairs(Fixtures.write(directory, "pairs.tsv", file)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("pairs.tsv")
        .hasMessageContaining(message);
  }
}
