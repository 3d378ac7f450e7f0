package dev.assay.evaluate.glue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.InputException;
import dev.assay.evaluate.Fixtures;
import dev.assay.evaluate.answers.Classified;
import dev.assay.evaluate.answers.Predictions;
import dev.assay.evaluate.answers.Proportion;
import dev.assay.task.Dataset;
import dev.assay.task.Split;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LabelMapTest {
  private static LabelMap map(Glue task, String... labels) {
    Map<Integer, String> id2label = new HashMap<>();
    for (int i = 0; i < labels.length; i++) {
      id2label.put(i, labels[i]);
    }
    return LabelMap.of(task, labels.length, id2label, "config.json");
  }

  private static List<Integer> numbers(LabelMap map) {
    return IntStream.range(0, map.outputs()).map(map::number).boxed().toList();
  }

  @Test
  void namesDecideWhateverTheOrder() {
    assertThat(numbers(map(Glue.RTE, "entailment", "not_entailment"))).containsExactly(0, 1);
    assertThat(numbers(map(Glue.RTE, "NOT_ENTAILMENT", "ENTAILMENT"))).containsExactly(1, 0);
    assertThat(numbers(map(Glue.WNLI, "entailment", "Not Entailment"))).containsExactly(1, 0);
    assertThat(numbers(map(Glue.MNLI, "CONTRADICTION", "NEUTRAL", "ENTAILMENT")))
        .containsExactly(2, 1, 0);
    assertThat(numbers(map(Glue.MNLI, "contradiction", "entailment", "neutral")))
        .containsExactly(2, 0, 1);
    assertThat(numbers(map(Glue.SST2, "NEGATIVE", "POSITIVE"))).containsExactly(0, 1);
    assertThat(numbers(map(Glue.MRPC, "not-equivalent", "equivalent"))).containsExactly(0, 1);
    assertThat(map(Glue.MNLI, "contradiction", "entailment", "neutral").treatments()).isEmpty();
  }

  @Test
  void numbersAreHuggingFacesAndSaidToBe() {
    LabelMap plain = map(Glue.RTE, "LABEL_0", "LABEL_1");
    assertThat(numbers(plain)).containsExactly(0, 1);
    assertThat(plain.treatments())
        .containsExactly(
            "Labels by number in Hugging Face's order (0 = entailment, 1 = not_entailment):"
                + " id2label LABEL_0, LABEL_1");
    assertThat(numbers(map(Glue.WNLI, "label_1", "LABEL_0"))).containsExactly(1, 0);
    assertThat(numbers(map(Glue.SST2, "1", "0"))).containsExactly(1, 0);
    LabelMap none = LabelMap.of(Glue.QQP, 2, Map.of(), "config.json");
    assertThat(numbers(none)).containsExactly(0, 1);
    assertThat(none.treatments()).singleElement().asString().endsWith(": no id2label");
  }

  @Test
  void aPermutedHeadGivesTheSameAnswers() {
    Dataset data = Fixtures.read(Glue.MNLI, Split.DEV);
    // Right on rows 0, 1 and 2 (contradiction, neutral, entailment); row 3 says neutral.
    Predictions inOrder = Fixtures.predictions(3, 0, 1, 5, 1, 5, 0, 5, 1, 0, 1, 5, 2);
    Predictions permuted = Fixtures.predictions(3, 5, 0, 1, 0, 1, 5, 0, 5, 1, 2, 1, 5);
    Classified a = answers(data, map(Glue.MNLI, "entailment", "neutral", "contradiction"), inOrder);
    Classified b =
        answers(data, map(Glue.MNLI, "CONTRADICTION", "ENTAILMENT", "NEUTRAL"), permuted);
    assertThat(a.accuracy()).isEqualTo(new Proportion(3, 4));
    assertThat(b.accuracy()).isEqualTo(new Proportion(3, 4));
    assertThat(a.agreement(b)).isEqualTo(new Proportion(4, 4));
    assertThat(b.predicted(3)).isEqualTo(OptionalInt.of(1));
  }

  @Test
  void logitsMustFitTheHead() {
    Dataset one = Fixtures.read(Glue.RTE, Split.DEV).sample(1, 0);
    LabelMap labels = LabelMap.of(Glue.RTE, 2, Map.of(), "c");
    assertThatThrownBy(() -> answers(one, labels, Fixtures.predictions(3, 1, 2, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Row 0 has 3 values, not 2");
  }

  @Test
  void aScoreNeedsOneOutput() {
    assertThat(LabelMap.of(Glue.STSB, 1, Map.of(0, "LABEL_0"), "c").treatments()).isEmpty();
    assertThatThrownBy(() -> map(Glue.STSB, "entailment", "not_entailment"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(
            "config.json: The model's head has 2 outputs, and task stsb needs 1 (a score)");
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThatThrownBy(() -> map(Glue.RTE, "entailment", "neutral", "contradiction"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(
            "config.json: The model's head has 3 outputs, and task rte needs 2"
                + " (entailment, not_entailment)");
    assertThatThrownBy(() -> map(Glue.SST2, "entailment", "not_entailment"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("id2label has 'entailment', which is no label of task sst2")
        .hasMessageContaining("negative, positive");
    assertThatThrownBy(() -> map(Glue.RTE, "LABEL_1", "LABEL_2"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("'LABEL_2', which is no label of task rte");
    assertThatThrownBy(() -> map(Glue.RTE, "entailment", "LABEL_0"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("names entailment twice, as 'entailment' and 'LABEL_0'");
    assertThatThrownBy(() -> LabelMap.of(Glue.RTE, 2, Map.of(0, "entailment"), "config.json"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("id2label has the keys [0], and the model's head has 2 outputs");
    assertThatThrownBy(
            () -> LabelMap.of(Glue.RTE, 2, Map.of(1, "entailment", 2, "not_entailment"), "c"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("the keys [1, 2]");
  }

  private static Classified answers(Dataset data, LabelMap labels, Predictions logits) {
    return labels.task().answered(data, labels).answers(logits).orElseThrow();
  }
}
