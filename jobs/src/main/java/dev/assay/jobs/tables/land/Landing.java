package dev.assay.jobs.tables.land;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Set;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;

/** How one whole file becomes visible on a file system: entirely, or not at all. */
public sealed interface Landing {
  /** What writes a file's contents; the stream is closed for it. */
  interface Contents {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Stores a file under a name that nothing else uses.
   *
   * @throws IOException if it could not be stored; nothing is visible under {@code file} then
   */
  void land(Path file, Contents contents) throws IOException;

  /** The same for a file that is at hand. */
  default void land(Path file, byte[] content) throws IOException {
    land(file, out -> out.write(content));
  }

  /**
   * The way that suits a file system. Stores where an object appears when its upload completes, and
   * where a rename would copy it, are written directly; everything else, Azure's {@code abfs}
   * included (its files are visible while they are written, its renames are atomic), by rename.
   */
  static Landing on(FileSystem files) {
    String scheme = files.getUri().getScheme();
    return scheme != null && Upload.SCHEMES.contains(scheme.toLowerCase(Locale.ROOT))
        ? new Upload(files)
        : new Rename(plain(files));
  }

  /**
   * The file system itself in place of one that keeps a {@code .crc} file beside each file: two
   * files cannot be renamed at once, and Parquet pages have checksums of their own.
   */
  private static FileSystem plain(FileSystem files) {
    return files instanceof ChecksumFileSystem checked ? checked.getRawFileSystem() : files;
  }

  /** Where a file is while it is written. */
  static Path temporary(Path file) {
    return new Path(file.getParent(), "." + file.getName() + ".tmp");
  }

  private static void discard(FileSystem files, Path file, Exception cause) {
    try {
      files.delete(file, false);
    } catch (IOException | RuntimeException e) {
      cause.addSuppressed(e);
    }
  }

  /** Writes under a hidden name that no reader globs, then renames. */
  record Rename(FileSystem files) implements Landing {
    @Override
    public void land(Path file, Contents contents) throws IOException {
      Path temporary = temporary(file);
      try {
        try (FSDataOutputStream out = files.create(temporary, false)) {
          contents.writeTo(out);
          // The name must not outlive the bytes when the machine goes down.
          if (out.hasCapability(StreamCapabilities.HSYNC)) {
            out.hsync();
          }
        }
        if (!files.rename(temporary, file)) {
          throw new IOException("Could not rename " + temporary + " to " + file);
        }
      } catch (IOException | RuntimeException e) {
        discard(files, temporary, e);
        throw e;
      }
    }
  }

  /** Writes under the final name; the object appears when the stream is closed. */
  record Upload(FileSystem files) implements Landing {
    static final Set<String> SCHEMES = Set.of("s3a", "s3n", "s3", "gs");

    @Override
    public void land(Path file, Contents contents) throws IOException {
      FSDataOutputStream out = files.create(file, false);
      try {
        contents.writeTo(out);
      } catch (IOException | RuntimeException e) {
        // Closing would complete the upload of a part of the file.
        if (out.hasCapability(CommonPathCapabilities.ABORTABLE_STREAM)) {
          out.abort();
        }
        closeAndDiscard(out, file, e);
        throw e;
      }
      try {
        out.close();
      } catch (IOException | RuntimeException e) {
        discard(files, file, e);
        throw e;
      }
    }

    private void closeAndDiscard(FSDataOutputStream out, Path file, Exception cause) {
      try {
        out.close();
      } catch (IOException | RuntimeException e) {
        cause.addSuppressed(e);
      }
      discard(files, file, cause);
    }
  }
}
