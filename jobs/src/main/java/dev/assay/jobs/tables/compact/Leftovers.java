package dev.assay.jobs.tables.compact;

import dev.assay.jobs.tables.Table;
import dev.assay.jobs.tables.land.Landing;
import dev.assay.jobs.tables.land.OutputFolder;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What killed runs have left in an output, and nobody reads: hidden files and folders on their way
 * to a name, the scratch of calibrations, empty folders.
 *
 * <p>Of a run that has said how it ended all of it goes. What no such run is known for goes when
 * nothing in it has changed for a while, since its owner may be alive. Anything that Assay does not
 * call like that is left alone.
 */
final class Leftovers {
  private static final String UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

  /** A table's file, as {@link Landing} writes it. */
  private static final Pattern PART = Pattern.compile("\\.part-\\d+-[0-9a-f]{32}\\.parquet\\.tmp");

  /** Factors, statistics, artifacts; exported models; what tried whether an output is writable. */
  private static final Pattern UNIQUE =
      Pattern.compile("\\.(assay-" + UUID + "(\\.tmp)?|.+-" + UUID + "\\.tmp)");

  private static final String RUN = "run=";
  private static final String SCRATCH = "scratch";

  /**
   * What became of leftovers.
   *
   * @param removed full paths
   * @param kept full paths of what may belong to a run that is alive
   */
  record Swept(List<Path> removed, List<Path> kept) {}

  private final FileSystem files;
  private final Set<String> ended;
  private final Instant old;
  private final List<Path> removed = new ArrayList<>();
  private final List<Path> kept = new ArrayList<>();

  /**
   * Looks for leftovers.
   *
   * @param ended ids of the runs that have said how they ended
   * @param now the time
   * @param olderThan how long what has no ended run must have been left alone
   */
  Leftovers(FileSystem files, Set<String> ended, Instant now, Duration olderThan) {
    this.files = files;
    this.ended = Set.copyOf(ended);
    this.old = now.minus(olderThan);
  }

  /** Removes what lies in an output's folder itself. */
  void inOutput(Path out) throws IOException {
    removeUnique(out);
  }

  /** Removes what lies in a sweep's folder. */
  void inSweep(Path sweep) throws IOException {
    removeUnique(sweep);
    for (FileStatus child : list(sweep)) {
      String name = child.getPath().getName();
      if (!child.isDirectory() || OutputFolder.hidden(child.getPath())) {
        continue;
      }
      if (isTable(name)) {
        inTable(child.getPath());
      } else if (name.equals(SCRATCH)) {
        inScratch(child.getPath());
      } else {
        removeUnique(child.getPath());
      }
    }
  }

  Swept swept() {
    return new Swept(List.copyOf(removed), List.copyOf(kept));
  }

  private void inTable(Path table) throws IOException {
    for (FileStatus run : list(table)) {
      String name = run.getPath().getName();
      if (run.isDirectory() && name.startsWith(RUN)) {
        boolean over = ended.contains(name.substring(RUN.length()));
        for (FileStatus file : list(run.getPath())) {
          if (file.isFile() && PART.matcher(file.getPath().getName()).matches()) {
            remove(file, over);
          }
        }
        if (list(run.getPath()).length == 0 && (over || isOld(run))) {
          // Fails where a file has come meanwhile.
          files.delete(run.getPath(), false);
        }
      }
    }
  }

  private void inScratch(Path scratch) throws IOException {
    for (FileStatus run : list(scratch)) {
      if (run.isDirectory()) {
        remove(run, ended.contains(run.getPath().getName()));
      }
    }
    if (list(scratch).length == 0) {
      files.delete(scratch, false);
    }
  }

  private void removeUnique(Path folder) throws IOException {
    for (FileStatus child : list(folder)) {
      if (UNIQUE.matcher(child.getPath().getName()).matches()) {
        remove(child, false);
      }
    }
  }

  private void remove(FileStatus found, boolean over) throws IOException {
    if (over || isOld(found)) {
      files.delete(found.getPath(), true);
      removed.add(found.getPath());
    } else {
      kept.add(found.getPath());
    }
  }

  /** Whether nothing in it has changed since: stores without folders know files' times only. */
  private boolean isOld(FileStatus found) throws IOException {
    if (!Instant.ofEpochMilli(found.getModificationTime()).isBefore(old)) {
      return false;
    }
    if (found.isDirectory()) {
      for (FileStatus child : list(found.getPath())) {
        if (!isOld(child)) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean isTable(String name) {
    return Arrays.stream(Table.values()).anyMatch(table -> table.sqlName().equals(name));
  }

  private FileStatus[] list(Path folder) throws IOException {
    try {
      return files.listStatus(folder);
    } catch (FileNotFoundException e) {
      return new FileStatus[0];
    }
  }
}
