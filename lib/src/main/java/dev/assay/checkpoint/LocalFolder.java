package dev.assay.checkpoint;

import dev.assay.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A directory of the local file system. Symbolic links are followed, as model caches use them. */
public final class LocalFolder implements Folder {
  private final Path directory;

  /**
   * @throws InputException if {@code directory} is not an existing directory
   */
  public LocalFolder(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new InputException(
          directory.toString(),
          Files.exists(directory) ? "Is a file, not a directory" : "No such directory",
          "Give the directory that holds the checkpoint's files.");
    }
    this.directory = directory;
  }

  @Override
  public String path() {
    return directory.toString();
  }

  @Override
  public List<String> files() throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      return children
          .filter(Files::isRegularFile)
          .map(child -> child.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  @Override
  public ByteSource open(String name) throws IOException {
    return LocalFile.open(directory.resolve(name));
  }

  @Override
  public Optional<Folder> folder(String name) {
    Path child = directory.resolve(name);
    return Files.isDirectory(child) ? Optional.of(new LocalFolder(child)) : Optional.empty();
  }
}
