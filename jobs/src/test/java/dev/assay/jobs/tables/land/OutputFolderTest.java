package dev.assay.jobs.tables.land;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.InputException;
import dev.assay.jobs.tables.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutputFolderTest {
  private final Configuration conf = new Configuration();

  @TempDir private Path folder;

  @Test
  void aFolderThatCanBeWrittenIsMadeAndLeftEmpty() {
    Path out = folder.resolve("a/b");
    assertThat(OutputFolder.check(conf, out.toString())).hasToString("file:" + out);
    assertThat(out).isEmptyDirectory();
  }

  @Test
  void aRegularFileIsNoOutput() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "x");
    assertThatThrownBy(() -> OutputFolder.check(conf, file.toString()))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "file:" + file + ": is a regular file. Choose another output folder with out=…");
  }

  @Test
  void nothingLiesUnderARegularFile() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "x");
    assertThatThrownBy(
            () -> Samples.committer(file.resolve("a/b"), "quick", "run-1", Samples.ticking()))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "file:%s/a/b: lies under a regular file, file:%s. Choose another output folder with"
                + " out=…",
            file, file);
  }

  @Test
  void anUnknownFileSystemIsOneError() {
    assertThatThrownBy(() -> OutputFolder.check(conf, "nowhere://bucket/out"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("nowhere://bucket/out: its file system cannot be opened")
        .hasMessageContaining("--packages");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a:b:c", "://"})
  void whatIsNoPathIsOneError(String out) {
    assertThatThrownBy(() -> OutputFolder.check(conf, out))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("\"" + out + "\": is not a path");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".hidden", "_temporary", "a/b", "a=b", "..", "a b", "cells", "runs"})
  void sweepsMustBeFolderNames(String sweep) {
    Path out = folder.resolve("out");
    assertThatThrownBy(() -> Samples.committer(out, sweep, "run-1", Samples.ticking()))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("sweep: \"" + sweep + "\"");
    assertThat(out).doesNotExist();
  }

  @Test
  void readingWhatIsNotThereIsOneError() {
    assertThatThrownBy(() -> OutputFolder.open(conf, folder.resolve("none").toString()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("there is no such folder");
  }
}
