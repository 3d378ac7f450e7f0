package dev.assay.jobs.steps;

import dev.assay.sweep.Ids;
import java.io.IOException;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What lies about while a step runs, {@code <out>/<sweep>/scratch/<name>}.
 *
 * @param folder full path
 */
record Scratch(Path folder) {
  static Scratch of(Path out, String sweep, String name) {
    return new Scratch(new Path(new Path(new Path(out, sweep), "scratch"), name));
  }

  /** Files that serve an interrupted step again if it wants the same. */
  ContentFolder files(Map<String, Object> wanted) {
    return new ContentFolder(new Path(folder, Ids.of(wanted).substring(0, 16)).toString());
  }

  /** Removes it all. */
  void delete(Configuration conf) throws IOException {
    FileSystem files = folder.getFileSystem(conf);
    files.delete(folder, true);
    if (files.listStatus(folder.getParent()).length == 0) {
      files.delete(folder.getParent(), false);
    }
  }
}
