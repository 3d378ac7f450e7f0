package dev.assay.jobs.cluster;

import dev.assay.InputException;
import dev.assay.checkpoint.ByteSource;
import dev.assay.checkpoint.Folder;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.util.VersionInfo;

/**
 * A folder on any file system that Hadoop knows: {@code file:}, {@code hdfs:}, and {@code s3a:}
 * where its connector is on the class path.
 *
 * <p>Not serializable, for a Hadoop configuration is large: a task makes its own from the path and
 * the driver's configuration, sent once by {@link
 * org.apache.spark.util.SerializableConfiguration#broadcast(org.apache.spark.SparkContext)}.
 * Opening one costs a single metadata request; Hadoop caches the connection.
 */
public final class HadoopFolder implements Folder {
  private final FileSystem fs;
  private final Path directory;
  // Names the one file of this folder, or is empty: everything in the directory.
  private final String only;

  private HadoopFolder(FileSystem fs, Path directory, String only) {
    this.fs = fs;
    this.directory = directory;
    this.only = only;
  }

  /**
   * Opens the folder at a path. The path of a plain file gives a folder that holds this file alone.
   *
   * @param path a Hadoop path; without a scheme it lies on {@code fs.defaultFS}, and when that is
   *     the local file system a relative one is taken from the working directory
   * @param conf the Hadoop configuration, on a driver {@code sparkContext.hadoopConfiguration()}
   * @throws InputException if nothing is there, it may not be read, or the scheme has no connector
   * @throws IOException if the file system fails in a way that may pass, an {@link
   *     UnreachableException} where it does not answer
   */
  public static HadoopFolder open(String path, Configuration conf) throws IOException {
    if (path.isBlank()) {
      throw new InputException("path", "'" + path + "' is empty", "Give a directory or a file");
    }
    try {
      Path given = new Path(path);
      FileSystem fs = direct(given.getFileSystem(conf));
      Path full = fs.makeQualified(given);
      FileStatus status = status(fs, full);
      return status.isDirectory()
          ? new HadoopFolder(fs, full, "")
          : new HadoopFolder(fs, full.getParent(), full.getName());
    } catch (UnsupportedFileSystemException e) {
      throw noConnector(path, e);
    } catch (AccessDeniedException e) {
      // What object stores say where credentials are missing or wrong.
      throw denied(new Path(path), e);
    } catch (IOException e) {
      throw UnreachableException.of(path, conf, e);
    } catch (IllegalArgumentException e) {
      throw new InputException(
          path, "Not a path (" + e.getMessage() + ")", "Give a Hadoop path", e);
    } catch (RuntimeException e) {
      if (e.getCause() instanceof ClassNotFoundException) {
        throw noConnector(path, e);
      }
      throw e;
    }
  }

  @Override
  public String path() {
    return directory.toString();
  }

  @Override
  public List<String> files() throws IOException {
    if (!only.isEmpty()) {
      return List.of(only);
    }
    List<String> names = new ArrayList<>();
    try {
      for (FileStatus status : fs.listStatus(directory)) {
        if (status.isFile()) {
          names.add(status.getPath().getName());
        }
      }
    } catch (AccessControlException e) {
      throw denied(directory, e);
    }
    names.sort(null);
    return names;
  }

  /**
   * {@inheritDoc}
   *
   * @throws InputException if there is no such plain file directly in this folder, or it may not be
   *     read
   */
  @Override
  public ByteSource open(String name) throws IOException {
    if (name.isEmpty() || name.indexOf('/') >= 0 || !(only.isEmpty() || only.equals(name))) {
      throw new InputException(
          path(), "'" + name + "' is no file of this folder", "Its files are: " + files());
    }
    Path file = new Path(directory, new Path(null, null, name));
    FileStatus status = status(fs, file);
    if (!status.isFile()) {
      throw new InputException(
          file.toString(), "It is a directory, not a file", "Its folder's files are: " + files());
    }
    try {
      return new HadoopSource(fs, status, fs.open(file));
    } catch (AccessControlException e) {
      throw denied(file, e);
    }
  }

  @Override
  public Optional<Folder> folder(String name) throws IOException {
    Path child = new Path(directory, name);
    try {
      return only.isEmpty() && fs.getFileStatus(child).isDirectory()
          ? Optional.of(new HadoopFolder(fs, child, ""))
          : Optional.empty();
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (AccessControlException e) {
      throw denied(child, e);
    }
  }

  @Override
  public String toString() {
    return path();
  }

  private static FileStatus status(FileSystem fs, Path path) throws IOException {
    try {
      return fs.getFileStatus(path);
    } catch (FileNotFoundException e) {
      throw new InputException(
          path.toString(), "No such file or directory", "Check the path and its scheme", e);
    } catch (AccessControlException e) {
      throw denied(path, e);
    }
  }

  /** Hadoop's checksummed local file system opens the file anew for every positioned read. */
  private static FileSystem direct(FileSystem fs) {
    return fs instanceof LocalFileSystem local ? local.getRawFileSystem() : fs;
  }

  private static InputException denied(Path path, IOException cause) {
    return new InputException(
        path.toString(),
        "Permission denied (" + cause.getMessage() + ")",
        "Run as a user who may read it, or give credentials (docs/running.md)",
        cause);
  }

  /**
   * A path as every machine of the cluster understands it, with its scheme and from the root, for
   * an executor stands in another directory than the driver.
   *
   * @param path one that {@link #open} has opened
   */
  public static String qualified(String path, Configuration conf) throws IOException {
    Path given = new Path(path);
    return given.getFileSystem(conf).makeQualified(given).toString();
  }

  /** The error for a path whose file system is not on the class path. */
  public static InputException noConnector(String path, Exception cause) {
    return new InputException(
        path,
        "No file system for this scheme is on the class path (" + cause.getMessage() + ")",
        "Write file:, hdfs:, or add the connector; for s3a: --packages"
            + " org.apache.hadoop:hadoop-aws:"
            + VersionInfo.getVersion()
            + " (docs/running.md)",
        cause);
  }
}
