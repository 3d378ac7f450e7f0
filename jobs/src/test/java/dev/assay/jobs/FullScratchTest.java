package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk of a few megabytes, really full: Spark's scratch space. */
@Tag("slow")
class FullScratchTest {
  @TempDir private Path temporary;

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  @Test
  void aFullScratchDiskIsSaidBeforeAnyWork() throws Exception {
    WholeSweep whole = WholeSweep.write(temporary);
    String[] keys =
        whole.keys("recipes=[{method=dense},{method=rtn,bits=[2,4]}]", "calibration.use=never");
    List<String> arguments = Sweeps.arguments(temporary.resolve("out"), keys);
    long cells = 3 * WholeSweep.MATRICES;
    try (SmallDisk disk = SmallDisk.mount(temporary.resolve("spark"))) {
      DriverProcess driver = new DriverProcess(temporary);
      Sweeps.Ended full = driver.run("sweep", arguments);
      assertThat(full.status()).as(full.err()).isEqualTo(Main.BAD_INPUT);
      assertThat(full.err())
          .contains("assay: libtorch: Cannot unpack", "No space left on device", "spark.local.dir")
          .doesNotContain("\tat ");
      assertThat(temporary.resolve("out")).doesNotExist();

      disk.enlarge();
      Sweeps.Ended rest = driver.run("sweep", arguments);
      assertThat(rest.status()).as(rest.err()).isZero();
      assertThat(rest.out()).contains(cells + " computed, 0 there before");
    }
    SweepFiles files = Sweeps.files(temporary.resolve("out"));
    Sweeps.run(Sweeps.settings(temporary.resolve("undisturbed"), keys));
    SweepFiles undisturbed = Sweeps.files(temporary.resolve("undisturbed"));
    files.assertSameById(
        List.of("cells", "layer_metrics", "model_metrics", "predictions"), undisturbed);
    assertThat(files.count("${cells}")).isEqualTo(cells);
  }
}
