package dev.assay.evaluate.answers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.evaluate.Fixtures;
import dev.assay.evaluate.glue.Glue;
import dev.assay.task.Dataset;
import dev.assay.task.Split;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PredictionsTest {
  /** Shards of the whole, cut and ordered by chance. */
  private static Predictions sharded(float[] scores, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Integer> rows = new ArrayList<>(IntStream.range(0, scores.length).boxed().toList());
    Collections.shuffle(rows, new Random(seed));
    List<Predictions> shards = new ArrayList<>();
    for (int at = 0; at < rows.size(); ) {
      int[] some =
          rows.subList(at, Math.min(rows.size(), at + random.nextInt(5))).stream()
              .mapToInt(Integer::intValue)
              .toArray();
      float[] values = new float[some.length];
      IntStream.range(0, some.length).forEach(i -> values[i] = scores[some[i]]);
      shards.add(Fixtures.predictions(some, 1, values));
      at += some.length;
    }
    return Predictions.merge(shards);
  }

  @Test
  void measuresDoNotDependOnShards() {
    SplittableRandom random = new SplittableRandom(2);
    float[] scores = new float[101];
    double[] gold = new double[101];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = (float) random.nextDouble();
      gold[i] = scores[i] + random.nextDouble();
    }
    List<Metric> metrics = List.of(Metric.SPEARMAN, Metric.PEARSON);
    List<Measure> whole =
        new Scored(gold, Fixtures.predictions(1, scores).column()).measures(metrics, 9);
    for (long seed = 0; seed < 5; seed++) {
      Predictions merged = sharded(scores, seed);
      merged.requireRows(101);
      assertThat(new Scored(gold, merged.column()).measures(metrics, 9)).isEqualTo(whole);
    }
  }

  @Test
  void holdsRowsInOrder() {
    Predictions predictions = Fixtures.predictions(new int[] {7, 2}, 2, 1, 2, 3, 4);
    assertThat(predictions.size()).isEqualTo(2);
    assertThat(predictions.row(0)).isEqualTo(2);
    assertThat(predictions.values(0)).containsExactly(3, 4);
    assertThat(predictions.values(1)).containsExactly(1, 2);
  }

  @Test
  void refusesRowsThatAreMissingOrTwice() {
    Predictions one = Fixtures.predictions(new int[] {0, 2}, 1, 0, 0);
    assertThatThrownBy(() -> Predictions.merge(List.of(one, one)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Row 0 was predicted twice");
    assertThatThrownBy(() -> Predictions.of(new int[2], new float[1][2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("1 outputs for 2 rows");
    Dataset data = Fixtures.read(Glue.STSB, Split.DEV);
    assertThatThrownBy(() -> Scored.of(data, one))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Row 1 of 4 was not predicted");
    assertThatThrownBy(() -> Scored.of(data, Fixtures.predictions(1, 0, 0, 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Predictions of 3 rows, not of 4");
    assertThatThrownBy(() -> Scored.of(data, Fixtures.predictions(2, new float[8])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Row 0 has 2 values, not 1");
  }

  /** Such as a number for every token of a text, or for every choice of a question. */
  @Test
  void rowsMayHaveAnyNumberOfValues() {
    Predictions ragged =
        Predictions.merge(
            List.of(
                Predictions.of(new int[] {2, 0}, new float[][] {{1, 2, 3}, {4}}),
                Predictions.of(new int[] {1}, new float[][] {{}})));
    ragged.requireRows(3);
    assertThat(ragged.values(0)).containsExactly(4);
    assertThat(ragged.values(1)).isEmpty();
    assertThat(ragged.values(2)).containsExactly(1, 2, 3);
    assertThatThrownBy(() -> ragged.requireWidth(1)).hasMessage("Row 1 has 0 values, not 1");
    assertThatThrownBy(
            () -> Fidelity.cosine(ragged, Predictions.of(new int[] {0, 1, 2}, new float[3][1])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Predictions of different rows or widths");
  }

  @Test
  void travelBetweenProcesses() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Dataset data = Fixtures.read(Glue.RTE, Split.DEV);
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(data);
      out.writeObject(Fixtures.predictions(2, 1, 2, 3, 4));
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(in.readObject()).isEqualTo(data);
      assertThat(((Predictions) in.readObject()).values(1)).containsExactly(3, 4);
    }
  }
}
