package dev.assay.task;

import dev.assay.checkpoint.LocalFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.IntStream;

/** Small files in the layout of the published ones, written for these tests. */
final class Fixtures {
  private Fixtures() {}

  static LocalFolder folder(String name) {
    try {
      return new LocalFolder(
          Path.of(Objects.requireNonNull(Fixtures.class.getResource(name)).toURI()));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static Dataset read(Glue task, Split split) {
    return read(task, folder(task.folder()), split);
  }

  static Dataset read(Glue task, LocalFolder folder, Split split) {
    try {
      return task.read(folder, split);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ParaphraseSet pairs(LocalFolder folder) {
    try {
      return ParaphraseSet.read(folder, "pairs.tsv");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static LocalFolder write(Path directory, String name, String text) {
    return write(directory, name, text.getBytes(StandardCharsets.UTF_8));
  }

  static LocalFolder write(Path directory, String name, byte[] bytes) {
    try {
      Files.write(directory.resolve(name), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new LocalFolder(directory);
  }

  /** Rows 0, 1, … of this width. */
  static Predictions predictions(int width, float... values) {
    return Predictions.of(width, IntStream.range(0, values.length / width).toArray(), values);
  }
}
