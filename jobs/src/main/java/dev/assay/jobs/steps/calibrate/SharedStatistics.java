package dev.assay.jobs.steps.calibrate;

import dev.assay.InputException;
import dev.assay.checkpoint.ByteSource;
import dev.assay.checkpoint.Extent;
import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.jobs.store.ContentFolder;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A sweep's statistics, and those that other sweeps of its output have made of the same things: the
 * folder's name is the hash of all that determines them. A file that is missing here is copied from
 * there rather than made again. Every sweep keeps its own copy, so that the folder of any of them
 * may be deleted at any time; files appear whole and never change, so that others may be at work.
 *
 * @param own the sweep's
 * @param others those of other sweeps
 */
record SharedStatistics(ContentFolder own, List<ContentFolder> others) {
  private static final int CHUNK = 1 << 20;

  /** Looks for other sweeps beside the one that {@code own} lies in. */
  static SharedStatistics of(ContentFolder own, Configuration conf) throws IOException {
    Path folder = new Path(own.folder());
    Path kind = folder.getParent();
    Path sweep = kind.getParent();
    FileSystem files = folder.getFileSystem(conf);
    List<ContentFolder> others = new ArrayList<>();
    for (FileStatus found : files.listStatus(sweep.getParent())) {
      Path other = new Path(new Path(found.getPath(), kind.getName()), folder.getName());
      if (found.isDirectory()
          && !found.getPath().getName().equals(sweep.getName())
          && files.exists(other)) {
        others.add(new ContentFolder(other.toString()));
      }
    }
    return new SharedStatistics(own, others);
  }

  /** Whether a file is here, if need be by having copied it. */
  boolean holds(String id, Configuration conf) throws IOException {
    if (own.holds(id, conf)) {
      return true;
    }
    for (ContentFolder other : others) {
      try {
        if (other.exists(id, conf)) {
          HadoopFolder from = HadoopFolder.open(other.folder(), conf);
          own.write(id, out -> copy(from, id, out), conf);
          // What was cut short there is removed here.
          if (own.holds(id, conf)) {
            return true;
          }
        }
      } catch (FileNotFoundException | InputException e) {
        // Deleted meanwhile.
      }
    }
    return false;
  }

  private static void copy(HadoopFolder from, String id, OutputStream out) throws IOException {
    String name = id + ContentFolder.SUFFIX;
    long length = Extent.whole(from, name).bytes();
    byte[] chunk = new byte[(int) Math.min(CHUNK, length)];
    try (ByteSource source = from.open(name)) {
      for (long done = 0; done < length; ) {
        int count = (int) Math.min(chunk.length, length - done);
        source.readFully(done, chunk, 0, count);
        out.write(chunk, 0, count);
        done += count;
      }
    }
  }
}
