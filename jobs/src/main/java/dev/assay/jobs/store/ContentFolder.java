package dev.assay.jobs.store;

import dev.assay.InputException;
import dev.assay.checkpoint.ByteSource;
import dev.assay.checkpoint.SafetensorsFile;
import dev.assay.jobs.cluster.HadoopFolder;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Safetensors files named by what determines their contents: {@code
 * <out>/<sweep>/<kind>/<id>.safetensors}. A file is written under a hidden name and renamed whole,
 * is never changed, and is the same whoever writes it.
 *
 * @param folder full path
 */
public record ContentFolder(String folder) implements Serializable {
  public static final String SUFFIX = ".safetensors";
  private static final Logger LOG = LoggerFactory.getLogger(ContentFolder.class);

  /** What writes a file's contents. */
  public interface Contents {
    void writeTo(OutputStream out) throws IOException;
  }

  public static ContentFolder of(Path out, String sweep, String kind) {
    return new ContentFolder(new Path(new Path(out, sweep), kind).toString());
  }

  /** Whether a whole file is there; one that is cut short is removed, it can be made again. */
  public boolean holds(String id, Configuration conf) throws IOException {
    if (!exists(id, conf)) {
      return false;
    }
    Path path = path(id);
    FileSystem files = path.getFileSystem(conf);
    // Opened before: what may not be read is not damaged.
    ByteSource source = HadoopFolder.open(folder, conf).open(path.getName());
    try (SafetensorsFile file = SafetensorsFile.open(source)) {
      return !file.entries().isEmpty();
    } catch (InputException e) {
      LOG.warn("Removed a damaged file: {}", e.getMessage());
      files.delete(path, false);
      return false;
    }
  }

  /** Whether a file is there, whole or not. */
  public boolean exists(String id, Configuration conf) throws IOException {
    Path path = path(id);
    return path.getFileSystem(conf).exists(path);
  }

  /** Opens a file. */
  public SafetensorsFile open(String id, Configuration conf) throws IOException {
    return SafetensorsFile.open(HadoopFolder.open(folder, conf).open(path(id).getName()));
  }

  /** Publishes a file; one that is there already stays. */
  public void write(String id, Contents contents, Configuration conf) throws IOException {
    Path path = path(id);
    FileSystem files = path.getFileSystem(conf);
    Path temporary = new Path(path.getParent(), "." + id + "-" + UUID.randomUUID() + ".tmp");
    try {
      try (FSDataOutputStream out = files.create(temporary, false)) {
        contents.writeTo(out);
      }
      if (!files.rename(temporary, path) && !files.exists(path)) {
        throw new IOException("Could not rename " + temporary + " to " + path);
      }
    } finally {
      files.delete(temporary, false);
    }
  }

  /** Removes a file that is no longer wanted. */
  public void delete(String id, Configuration conf) throws IOException {
    path(id).getFileSystem(conf).delete(path(id), false);
  }

  /** Some ids are names of tensors, which their checkpoint chose. */
  private Path path(String id) {
    if (id.startsWith(".") || id.indexOf('/') >= 0 || id.indexOf(':') >= 0) {
      throw new InputException(
          folder,
          "'" + id + "', of a tensor's name, cannot name a file",
          "Do not use this checkpoint if you did not write it.");
    }
    return new Path(folder, id + SUFFIX);
  }
}
