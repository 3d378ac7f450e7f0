package dev.assay;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Files that lie beside the repository on some machines: checkpoints and golden vectors. */
public final class SharedFiles {
  private SharedFiles() {}

  /** The file or directory, or the calling test is skipped. */
  public static Path require(String relative) {
    Path path = root().resolve(relative);
    assumeTrue(Files.exists(path), "Skipped: no shared files at " + path);
    return path;
  }

  private static Path root() {
    String configured =
        Optional.ofNullable(System.getProperty("assay.shared"))
            .orElseGet(() -> System.getenv("ASSAY_SHARED"));
    if (configured != null) {
      return Path.of(configured);
    }
    Path directory = Path.of(System.getProperty("user.dir")).toAbsolutePath();
    while (!Files.exists(directory.resolve("mvnw")) && directory.getParent() != null) {
      directory = directory.getParent();
    }
    return directory.resolveSibling("shared");
  }
}
