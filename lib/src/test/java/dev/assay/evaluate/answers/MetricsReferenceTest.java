package dev.assay.evaluate.answers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.assay.evaluate.Fixtures;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Against scipy, scikit-learn and statsmodels; reference_metrics.py made the numbers. */
class MetricsReferenceTest {
  private static final Offset<Double> EXACT = within(1e-12);

  /**
   * Of the width of an interval. Its ends scatter by 0.02 of it with 1000 resamples; a 90 %
   * interval would have them 0.08 further in.
   */
  private static final double RESAMPLED = 0.055;

  private static JsonNode reference(String name) throws IOException {
    try (InputStream in =
        MetricsReferenceTest.class.getResourceAsStream("reference_metrics.json")) {
      return new ObjectMapper().readTree(in).get(name);
    }
  }

  private static double[] doubles(JsonNode node) {
    return StreamSupport.stream(node.spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }

  private static int[] ints(JsonNode node) {
    return StreamSupport.stream(node.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }

  private static Predictions predictions(int width, JsonNode node) {
    float[] values = new float[node.size()];
    IntStream.range(0, values.length).forEach(i -> values[i] = (float) node.get(i).asDouble());
    return Fixtures.predictions(width, values);
  }

  private static Consumer<Interval> about(JsonNode interval) {
    double low = interval.get(0).asDouble();
    double high = interval.get(1).asDouble();
    return actual -> {
      assertThat(actual.low()).isCloseTo(low, within(RESAMPLED * (high - low)));
      assertThat(actual.high()).isCloseTo(high, within(RESAMPLED * (high - low)));
    };
  }

  @Test
  void classes() throws IOException {
    for (JsonNode c : reference("classified")) {
      int[] gold = ints(c.get("gold"));
      Classified classified =
          new Classified(c.get("classes").asInt(), gold, ints(c.get("predicted")));
      List<Measure> measures =
          classified.measures(List.of(Metric.ACCURACY, Metric.F1, Metric.MATTHEWS), 3);
      assertThat(measures.get(0).value()).isCloseTo(c.get("accuracy").asDouble(), EXACT);
      assertThat(measures.get(1).value()).isCloseTo(c.get("f1").asDouble(), EXACT);
      assertThat(measures.get(2).value()).isCloseTo(c.get("matthews").asDouble(), EXACT);
      int correct = (int) Math.round(c.get("accuracy").asDouble() * gold.length);
      assertThat(measures)
          .allSatisfy(
              measure -> {
                assertThat(measure.n()).isEqualTo(gold.length);
                assertThat(measure.correct()).isEqualTo(OptionalInt.of(correct));
                assertThat(measure.value())
                    .isBetween(measure.interval().low(), measure.interval().high());
              });
      if (c.has("f1_interval")) {
        assertThat(measures.get(1).interval()).satisfies(about(c.get("f1_interval")));
        assertThat(measures.get(2).interval()).satisfies(about(c.get("matthews_interval")));
      }
    }
  }

  @Test
  void scores() throws IOException {
    for (JsonNode c : reference("scored")) {
      Scored scored = new Scored(doubles(c.get("gold")), doubles(c.get("predicted")));
      List<Measure> measures = scored.measures(List.of(Metric.PEARSON, Metric.SPEARMAN), 3);
      assertThat(measures.get(0).value()).isCloseTo(c.get("pearson").asDouble(), EXACT);
      assertThat(measures.get(1).value()).isCloseTo(c.get("spearman").asDouble(), EXACT);
      assertThat(measures).allSatisfy(measure -> assertThat(measure.correct()).isEmpty());
      if (c.has("pearson_interval")) {
        assertThat(measures.get(0).interval()).satisfies(about(c.get("pearson_interval")));
        assertThat(measures.get(1).interval()).satisfies(about(c.get("spearman_interval")));
      }
    }
  }

  @Test
  void wilson() throws IOException {
    for (JsonNode c : reference("wilson")) {
      Interval interval = new Proportion(c.get(0).asInt(), c.get(1).asInt()).wilson();
      assertThat(interval.low()).isCloseTo(c.get(2).asDouble(), EXACT);
      assertThat(interval.high()).isCloseTo(c.get(3).asDouble(), EXACT);
    }
  }

  @Test
  void mcNemar() throws IOException {
    for (JsonNode c : reference("mcnemar")) {
      double p = new McNemar(c.get(0).asInt(), c.get(1).asInt()).p();
      double expected = c.get(2).asDouble();
      assertThat(p).isCloseTo(expected, within(1e-10 * expected));
    }
  }

  @Test
  void fidelity() throws IOException {
    JsonNode c = reference("fidelity");
    Predictions dense = predictions(c.get("width").asInt(), c.get("dense"));
    Predictions compressed = predictions(c.get("width").asInt(), c.get("compressed"));
    assertThat(Fidelity.kl(dense, compressed)).isCloseTo(c.get("kl").asDouble(), EXACT);
    assertThat(Fidelity.cosine(dense, compressed)).isCloseTo(c.get("cosine").asDouble(), EXACT);
  }
}
