package dev.assay.evaluate;

import dev.assay.checkpoint.LocalFolder;
import dev.assay.evaluate.answers.Predictions;
import dev.assay.evaluate.glue.Glue;
import dev.assay.evaluate.pairs.ParaphraseSet;
import dev.assay.task.Dataset;
import dev.assay.task.Split;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;

/** Small files in the layout of the published ones, written for these tests. */
public final class Fixtures {
  private Fixtures() {}

  public static LocalFolder folder(String name) {
    try {
      return new LocalFolder(
          Path.of(Objects.requireNonNull(Fixtures.class.getResource(name)).toURI()));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  public static Dataset read(Glue task, Split split) {
    return read(task, folder(task.folder()), split);
  }

  public static Dataset read(Glue task, LocalFolder folder, Split split) {
    try {
      return task.read(folder, split);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static ParaphraseSet pairs(LocalFolder folder) {
    try {
      return ParaphraseSet.read(folder, "pairs.tsv");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static LocalFolder write(Path directory, String name, String text) {
    return write(directory, name, text.getBytes(StandardCharsets.UTF_8));
  }

  public static LocalFolder write(Path directory, String name, byte[] bytes) {
    try {
      Files.write(directory.resolve(name), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new LocalFolder(directory);
  }

  /** Rows 0, 1, … of this width. */
  public static Predictions predictions(int width, float... values) {
    return predictions(IntStream.range(0, values.length / width).toArray(), width, values);
  }

  /** These rows, each of this width. */
  public static Predictions predictions(int[] rows, int width, float... values) {
    return Predictions.of(
        rows,
        IntStream.range(0, rows.length)
            .mapToObj(i -> Arrays.copyOfRange(values, i * width, (i + 1) * width))
            .toArray(float[][]::new));
  }
}
