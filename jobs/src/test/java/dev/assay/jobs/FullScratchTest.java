package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk of a few megabytes, really full: Spark's scratch space. Needs the right to mount. */
@Tag("slow")
class FullScratchTest {
  @TempDir private Path temporary;

  private Path disk;

  @BeforeEach
  void mount() throws Exception {
    disk = Files.createDirectory(temporary.resolve("spark"));
    assumeTrue(
        call("mount", "-t", "tmpfs", "-o", "size=220m", "tmpfs", disk.toString()) == 0,
        "A disk of 220 MB cannot be mounted here: run as root");
  }

  @AfterEach
  void unmount() throws Exception {
    call("umount", disk.toString());
  }

  @AfterAll
  static void stop() {
    LocalSpark.stop();
  }

  private static int call(String... command) throws Exception {
    return new ProcessBuilder(command).start().waitFor();
  }

  /** OpenBLAS fits the disk, libtorch does not. */
  @Test
  void aFullScratchDiskIsSaidBeforeAnyWork() throws Exception {
    WholeSweep whole = WholeSweep.write(temporary);
    String[] keys =
        whole.keys("recipes=[{method=dense},{method=rtn,bits=[2,4]}]", "calibration.use=never");
    List<String> arguments = Sweeps.arguments(temporary.resolve("out"), keys);
    DriverProcess driver = new DriverProcess(temporary);
    Sweeps.Ended full = driver.run("sweep", arguments);
    assertThat(full.status()).as(full.err()).isEqualTo(Main.BAD_INPUT);
    assertThat(full.err())
        .contains("assay: libtorch: Cannot unpack", "No space left on device", "spark.local.dir")
        .doesNotContain("\tat ");
    assertThat(temporary.resolve("out")).doesNotExist();

    long cells = 3 * WholeSweep.MATRICES;
    assertThat(call("mount", "-o", "remount,size=2g", disk.toString())).isZero();
    Sweeps.Ended rest = driver.run("sweep", arguments);
    assertThat(rest.status()).as(rest.err()).isZero();
    assertThat(rest.out()).contains(cells + " computed, 0 there before");
    SweepFiles files = Sweeps.files(temporary.resolve("out"));
    Sweeps.run(Sweeps.settings(temporary.resolve("undisturbed"), keys));
    SweepFiles undisturbed = Sweeps.files(temporary.resolve("undisturbed"));
    for (String table : List.of("cells", "layer_metrics", "model_metrics", "predictions")) {
      assertThat(files.byId(table)).as(table).isEqualTo(undisturbed.byId(table)).isNotEmpty();
    }
    assertThat(files.count("${cells}")).isEqualTo(cells);
  }
}
