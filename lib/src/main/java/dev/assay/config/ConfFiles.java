package dev.assay.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Where configuration files lie, and what they include. */
public interface ConfFiles {
  /** The local file system; a relative name is taken from the working directory. */
  ConfFiles LOCAL =
      new ConfFiles() {
        @Override
        public String beside(String file, String name) {
          return Path.of(file).resolveSibling(name).normalize().toString();
        }

        @Override
        public Optional<String> text(String file) throws IOException {
          Path path = Path.of(file);
          return Files.isRegularFile(path)
              ? Optional.of(new String(Files.readAllBytes(path), StandardCharsets.UTF_8))
              : Optional.empty();
        }
      };

  /**
   * The file that another one calls {@code name}: it lies beside it, unless the name is from the
   * root.
   *
   * @throws InvalidPathException if that cannot be a name
   */
  String beside(String file, String name);

  /** What a file says; empty where it is not there. */
  Optional<String> text(String file) throws IOException;
}
