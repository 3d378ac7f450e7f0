package dev.assay.jobs.tables.land;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.jobs.tables.Samples;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LandingTest {
  private static final byte[] CONTENT = "whole".getBytes(StandardCharsets.UTF_8);

  @TempDir private java.nio.file.Path folder;

  @Test
  void localFilesAreRenamedWithoutChecksumFiles() throws IOException {
    FileSystem local = FileSystem.getLocal(new Configuration());
    Landing landing = Landing.on(local);
    landing.land(file(), CONTENT);
    assertThat(landing).isInstanceOf(Landing.Rename.class);
    assertThat(Samples.files(folder)).containsExactly("part.parquet");
    assertThat(folder.resolve("part.parquet")).hasBinaryContent(CONTENT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"hdfs", "file", "abfs", "abfss", "viewfs"})
  void fileSystemsRename(String scheme) throws IOException {
    assertThat(Landing.on(store(scheme, 0))).isInstanceOf(Landing.Rename.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3a", "S3A", "gs"})
  void objectStoresUpload(String scheme) throws IOException {
    TestStore store = store(scheme, 0);
    Landing.on(store).land(file(), CONTENT);
    assertThat(store.created).isEqualTo(file());
    assertThat(folder.resolve("part.parquet")).hasBinaryContent(CONTENT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3a", "hdfs"})
  void nothingIsLeftOfAFileThatBroke(String scheme) throws IOException {
    Landing landing = Landing.on(store(scheme, 3));
    assertThatThrownBy(() -> landing.land(file(), CONTENT))
        .isInstanceOf(IOException.class)
        .hasMessage("No space left after 3 bytes");
    assertThat(Samples.files(folder)).isEmpty();
  }

  @Test
  void aRefusedRenameLeavesNothing() throws IOException {
    TestStore store = store("hdfs", 0);
    store.renames = false;
    assertThatThrownBy(() -> Landing.on(store).land(file(), CONTENT))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("Could not rename");
    assertThat(Samples.files(folder)).isEmpty();
  }

  @Test
  void whileItIsWrittenAFileHasANameThatNobodyGlobs() throws IOException {
    TestStore store = store("hdfs", 0);
    Landing.on(store).land(file(), CONTENT);
    assertThat(store.created.getName()).startsWith(".").doesNotEndWith(".parquet");
    assertThat(store.created.getParent()).isEqualTo(file().getParent());
  }

  private Path file() {
    return new Path("file", null, folder.resolve("part.parquet").toString());
  }

  private TestStore store(String scheme, int room) throws IOException {
    TestStore store = new TestStore(scheme, room);
    store.initialize(URI.create("file:///"), new Configuration());
    return store;
  }

  /** A local folder under another scheme, that may run out of room. */
  private static final class TestStore extends RawLocalFileSystem {
    private final String scheme;
    private final int room;
    private boolean renames = true;
    private Path created;

    TestStore(String scheme, int room) {
      this.scheme = scheme;
      this.room = room;
    }

    @Override
    public URI getUri() {
      return URI.create(scheme + "://bucket");
    }

    @Override
    protected void checkPath(Path path) {}

    @Override
    public boolean rename(Path from, Path to) throws IOException {
      return renames && super.rename(from, to);
    }

    @Override
    public FSDataOutputStream create(
        Path file,
        boolean overwrite,
        int bufferSize,
        short replication,
        long blockSize,
        Progressable progress)
        throws IOException {
      created = file;
      FSDataOutputStream out =
          super.create(file, overwrite, bufferSize, replication, blockSize, progress);
      return room == 0 ? out : new FSDataOutputStream(new Narrow(out, room), null);
    }
  }

  private static final class Narrow extends java.io.FilterOutputStream {
    private final int room;

    Narrow(FSDataOutputStream out, int room) {
      super(out);
      this.room = room;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, Math.min(room, length));
      if (length > room) {
        throw new IOException("No space left after " + room + " bytes");
      }
    }
  }
}
