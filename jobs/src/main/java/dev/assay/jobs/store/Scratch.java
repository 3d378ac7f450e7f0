package dev.assay.jobs.store;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What lies about while a run calibrates, {@code <out>/<sweep>/scratch/<run id>}. Of a run that was
 * killed it stays, and may be deleted.
 *
 * @param folder full path
 */
public record Scratch(Path folder) {
  private static final Logger LOG = LoggerFactory.getLogger(Scratch.class);

  public static Scratch of(Path out, String sweep, String runId) {
    return new Scratch(new Path(new Path(new Path(out, sweep), "scratch"), runId));
  }

  /** Its files. */
  public ContentFolder files() {
    return new ContentFolder(folder.toString());
  }

  /** Removes it all, and the folder around it when no other run uses it. */
  public void delete(Configuration conf) {
    try {
      FileSystem files = folder.getFileSystem(conf);
      files.delete(folder, true);
      Path around = folder.getParent();
      if (files.exists(around) && files.listStatus(around).length == 0) {
        files.delete(around, false);
      }
    } catch (IOException e) {
      LOG.warn("Could not remove {}: {}", folder, e.getMessage());
    }
  }
}
