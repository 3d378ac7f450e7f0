package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A disk of 220 MB: OpenBLAS unpacked fits it, libtorch does not. Needs the right to mount. */
final class SmallDisk implements AutoCloseable {
  private final Path folder;

  private SmallDisk(Path folder) {
    this.folder = folder;
  }

  /** Mounts one, or skips the test. */
  static SmallDisk mount(Path folder) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    assumeTrue(
        call("mount", "-t", "tmpfs", "-o", "size=220m", "tmpfs", folder.toString()) == 0,
        "A disk of 220 MB cannot be mounted here: run as root");
    return new SmallDisk(folder);
  }

  /** Makes it large enough for everything. */
  void enlarge() throws IOException, InterruptedException {
    assertThat(call("mount", "-o", "remount,size=2g", folder.toString())).isZero();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    call("umount", folder.toString());
  }

  private static int call(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).start().waitFor();
  }
}
