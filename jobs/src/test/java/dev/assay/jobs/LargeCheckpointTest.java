package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.LocalFolder;
import dev.assay.plan.Cell;
import dev.assay.plan.Plan;
import dev.assay.plan.StatisticsIds;
import dev.assay.plan.SweepSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plan reads headers: of 138 GB it needs no more than some hundred kilobytes. */
class LargeCheckpointTest {
  @TempDir Path temporary;

  /** Llama-2-70B by its published shapes; its index gives the same number of bytes. */
  static LargeCheckpoint llama70b() {
    return LargeCheckpoint.llama(80, 8192, 28672, 1024, 32000);
  }

  @Test
  void seventyBillionWeightsArePlannedFromTheirHeaders() throws IOException {
    assertThat(llama70b().bytes()).isEqualTo(137_953_296_384L);
    Path model = llama70b().writeHoles(temporary.resolve("model"), 15);
    Checkpoint checkpoint = Checkpoint.open(new LocalFolder(model));
    SweepSettings settings =
        Sweeps.settings(
            temporary.resolve("out"),
            "model=\"" + model + "\"",
            "recipes=[{method=dense}, {method=rtn, bits=[3,4]}, {method=svd, rank=64}]");
    Plan plan =
        Plan.of(settings, checkpoint.family(), checkpoint.matrices(), new StatisticsIds.None());

    assertThat(checkpoint.modelType()).isEqualTo("llama");
    assertThat(plan.units()).hasSize(80 * 7);
    assertThat(plan.cells()).isEqualTo(80 * 7 * 4);
    assertThat(plan.tasks()).hasSize(80 * 2);
    Map<String, Long> shards =
        plan.units().stream()
            .collect(
                Collectors.groupingBy(
                    unit -> unit.matrix().weight().file(), Collectors.counting()));
    assertThat(shards).hasSize(15);
    // Seven matrices of 8192 x 28672 in single precision, and the factors of one.
    long elements = 8192L * 28672;
    long factors = (8192L + 28672) * 8192;
    assertThat(plan.memory(new StatisticsIds.None())).isEqualTo(4 * (7 * elements + factors));
    Stream<String> ids = plan.each().map(Cell::id);
    assertThat(ids.distinct().count()).isEqualTo(plan.cells());
  }
}
