package dev.assay.jobs;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where things lie in this working tree, and beside it. */
public final class Repository {
  /** The folder that holds {@code submit.sh}. */
  public static final Path ROOT = root();

  /** all-MiniLM-L6-v2, as the build unpacks it. */
  public static final Path MINILM = ROOT.resolve("jobs/target/models/all-minilm-l6-v2");

  private Repository() {}

  /** A file or directory of those that lie beside the repository, or the test is skipped. */
  public static Path shared(String relative) {
    Path shared =
        Optional.ofNullable(System.getProperty("assay.shared"))
            .or(() -> Optional.ofNullable(System.getenv("ASSAY_SHARED")))
            .map(Path::of)
            .orElseGet(() -> ROOT.resolveSibling("shared"));
    Path path = shared.resolve(relative);
    assumeTrue(Files.exists(path), "Skipped: no shared files at " + path);
    return path;
  }

  private static Path root() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.exists(directory.resolve("submit.sh"))) {
      directory = directory.getParent();
    }
    return directory;
  }
}
