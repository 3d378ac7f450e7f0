package dev.assay.jobs.store;

import dev.assay.InputException;
import dev.assay.checkpoint.ByteSource;
import dev.assay.checkpoint.Folder;
import dev.assay.jobs.cluster.HadoopFolder;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;

/**
 * A directory that appears with all its files or not at all: written beside its place under a
 * hidden name and renamed. What is not published is removed by {@link #close} or when the JVM ends.
 *
 * <p>Stores without a rename of directories copy instead, and a reader may see part of it
 * meanwhile.
 */
public final class WholeDirectory implements AutoCloseable {
  private static final int BUFFER = 1 << 20;

  private final String given;
  private final FileSystem files;
  private final Path target;
  private final Path temporary;
  private final List<String> written = new ArrayList<>();
  private boolean made;

  private WholeDirectory(String given, FileSystem files, Path target) {
    this.given = given;
    this.files = files;
    this.target = target;
    this.temporary =
        new Path(target.getParent(), "." + target.getName() + "-" + UUID.randomUUID() + ".tmp");
  }

  /**
   * A directory to be; nothing is written yet.
   *
   * @param path on any Hadoop file system
   * @throws InputException if it is no path, is the root, or something is there
   */
  public static WholeDirectory at(String path, Configuration conf) throws IOException {
    try {
      Path given = new Path(path);
      FileSystem files = given.getFileSystem(conf);
      Path target = files.makeQualified(given);
      if (target.isRoot()) {
        throw new InputException(path, "Is the root of its file system", "Give a folder below it");
      }
      // No .crc file beside every file: other programs read them.
      FileSystem plain = files instanceof ChecksumFileSystem c ? c.getRawFileSystem() : files;
      WholeDirectory directory = new WholeDirectory(path, plain, target);
      directory.refuseWhatIsThere();
      return directory;
    } catch (IllegalArgumentException e) {
      throw new InputException(
          "\"" + path + "\"",
          "Is not a path (" + e.getMessage() + ")",
          "Give a folder such as exported or hdfs:///models/exported",
          e);
    } catch (UnsupportedFileSystemException e) {
      throw HadoopFolder.noConnector(path, e);
    } catch (RuntimeException e) {
      if (e.getCause() instanceof ClassNotFoundException) {
        throw HadoopFolder.noConnector(path, e);
      }
      throw e;
    }
  }

  private void refuseWhatIsThere() throws IOException {
    if (files.exists(target)) {
      throw new InputException(
          given, "Exists already", "Choose another folder with to=DIR, or remove this one first");
    }
  }

  /**
   * Makes sure that files can be written, before work is spent on them.
   *
   * @throws InputException if not
   */
  public void begin() {
    if (!made) {
      make();
    }
  }

  /** What writes a file's contents. */
  public interface Contents {
    void writeTo(OutputStream out) throws IOException;
  }

  /** Makes a file of the directory, {@code name} or {@code folder/name}. */
  public void write(String name, Contents contents) throws IOException {
    begin();
    try (OutputStream out =
        new BufferedOutputStream(files.create(new Path(temporary, name), false), BUFFER)) {
      contents.writeTo(out);
    }
    written.add(name);
  }

  /** Copies a file of another folder to {@code name}. */
  public void copy(Folder from, String file, String name) throws IOException {
    try (ByteSource source = from.open(file)) {
      write(
          name,
          out -> {
            byte[] chunk = new byte[BUFFER];
            for (long at = 0; at < source.length(); at += chunk.length) {
              int count = (int) Math.min(chunk.length, source.length() - at);
              source.readFully(at, chunk, 0, count);
              out.write(chunk, 0, count);
            }
          });
    }
  }

  /** Names of all files written, with their folders, sorted. */
  public List<String> files() {
    return written.stream().sorted().toList();
  }

  private void make() {
    try {
      made = files.mkdirs(temporary);
      if (!made) {
        throw new IOException("The folder could not be created");
      }
      files.deleteOnExit(temporary);
    } catch (IOException e) {
      throw new InputException(
          given,
          "Cannot be written (" + e.getMessage() + ")",
          "Choose a folder you may write to with to=DIR",
          e);
    }
  }

  /** Where the files are until they are published. */
  public String path() {
    return temporary.toString();
  }

  /** Gives the directory its name; returns its full path. */
  public Path publish() throws IOException {
    refuseWhatIsThere();
    if (!files.rename(temporary, target)) {
      throw new IOException("Could not rename " + temporary + " to " + target);
    }
    return target;
  }

  /** Whether programs that know local files only can read a path. */
  public static boolean isLocal(Path path) {
    return "file".equals(path.toUri().getScheme());
  }

  /** A path as the user knows it. */
  public static String shown(Path path) {
    return isLocal(path) ? path.toUri().getPath() : path.toString();
  }

  @Override
  public void close() throws IOException {
    if (made) {
      files.delete(temporary, true);
      files.cancelDeleteOnExit(temporary);
    }
  }
}
