package dev.assay.jobs.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.assay.jobs.pool.Schedule.Span;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  @Test
  void slotsAreCountedOnEachExecutorWhateverTheirClocks() {
    Schedule schedule = new Schedule();
    // Two at once on a, one after the other on b, whose clock is an hour ahead.
    schedule.add(new Span("a", 100, 10), 5);
    schedule.add(new Span("a", 101, 4), 2);
    schedule.add(new Span("a", 105, 5), 2.5);
    schedule.add(new Span("b", 3700, 8), 4);
    schedule.add(new Span("b", 3708, 3), 1.5);
    assertThat(schedule.slots()).isEqualTo(3);
    assertThat(schedule.longest()).isEqualTo(10);
    assertThat(schedule.bound()).isEqualTo(10);
    assertThat(schedule.correlation()).isCloseTo(1, within(1e-12));
    assertThat(schedule.toString())
        .contains("5 tasks in ", " on 3 slots; no order takes less than 10.0 s")
        .endsWith("the longest task 10.0 s, estimates correlate by 1.00");
  }

  @Test
  void theBoundIsTheWorkOverAllSlotsWhereNoTaskIsLonger() {
    Schedule schedule = new Schedule();
    for (int i = 0; i < 6; i++) {
      schedule.add(new Span("a", i / 2 * 4.0, 4), 0);
    }
    assertThat(schedule.slots()).isEqualTo(2);
    assertThat(schedule.bound()).isEqualTo(12);
    assertThat(schedule.toString()).doesNotContain("correlate");
  }
}
