package dev.assay.finetune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.assay.model.TokenIds;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OrderTest {
  @Test
  void everyExampleComesOnceAnEpoch() {
    List<List<Integer>> batches = Order.batches(37, 16, 4);
    assertThat(batches).hasSize(3);
    assertThat(batches.get(2)).hasSize(5);
    assertThat(batches.stream().flatMap(List::stream))
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 37).boxed().toList());
    assertThat(Order.batches(37, 16, 4)).isEqualTo(batches);
    assertThat(Order.batches(37, 16, 5)).isNotEqualTo(batches);
  }

  @Test
  void partsAreOfLikeLength() {
    List<TokenIds> texts =
        IntStream.of(3, 9, 1, 9, 5, 2)
            .mapToObj(length -> new TokenIds(new int[length], new int[length], false))
            .toList();
    assertThat(Order.parts(List.of(5, 4, 3, 2, 1, 0), texts))
        .containsExactly(List.of(1, 3, 4, 0), List.of(5, 2));
  }

  @Test
  void theRateRisesAndFalls() {
    Schedule schedule = new Schedule(0.5, 0.1);
    assertThat(schedule.rate(0, 100)).isCloseTo(0.05, within(1e-12));
    assertThat(schedule.rate(9, 100)).isCloseTo(0.5, within(1e-12));
    assertThat(schedule.rate(10, 100)).isCloseTo(0.5, within(1e-12));
    assertThat(schedule.rate(55, 100)).isCloseTo(0.25, within(1e-12));
    assertThat(schedule.rate(99, 100)).isCloseTo(0.5 / 90, within(1e-12));
    assertThat(new Schedule(1, 0).rate(0, 4)).isEqualTo(1);
    assertThat(new Schedule(1, 1).rate(3, 4)).isEqualTo(1);
    assertThat(new Schedule(1, 0.1).rate(0, 1)).isEqualTo(1);
  }
}
