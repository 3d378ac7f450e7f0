package dev.assay.jobs.tables.compact;

import dev.assay.jobs.tables.Table;
import dev.assay.jobs.tables.land.MergeSource;
import dev.assay.jobs.tables.land.MergedFile;
import dev.assay.jobs.tables.land.MergedFile.Repeats;
import dev.assay.jobs.tables.land.OutputFolder.TableFolder;
import dev.assay.jobs.tables.land.UniqueNames;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Merges the small files of one table of one sweep into few, at {@code
 * <table>/run=compacted-<id>/}. Every row stays as it is, old ones of an identity too.
 *
 * <p>First {@link #merge} publishes whole merged files beside those they replace; then, after a
 * while for readers that have listed the old ones, {@link #removeMerged} removes these. So a row is
 * in some file at any instant, and for a while in two, which the views show as one. A merged file's
 * footer names what it replaces: what a killed compaction left is removed by the next, and nothing
 * is ever removed whose rows are not in a newer whole file. That holds for any number of
 * compactions, and beside runs that land rows.
 */
public final class Compaction {
  /** What the folders of merged files are called. */
  static final String FOLDER = "run=compacted-";

  /** Bounds the names in a footer, which every reader of a part of the file reads. */
  private static final int MOST_FILES = 2_000;

  /**
   * What a compaction did to a table.
   *
   * @param folder the table's folder, full path
   * @param filesBefore data files found
   * @param bytesBefore their size
   * @param filesAfter data files left of those, and new ones
   * @param bytesAfter their size
   * @param problems what was left alone, and why
   */
  record Done(
      Path folder,
      int filesBefore,
      long bytesBefore,
      int filesAfter,
      long bytesAfter,
      List<String> problems) {}

  private record Group(List<FileStatus> files, Repeats repeats) {}

  private final Table table;
  private final Path folder;
  private final FileSystem files;
  private final Configuration conf;
  private final long targetBytes;
  private final Path target;

  private final Map<String, FileStatus> listed = new HashMap<>();
  private final Map<String, FileStatus> replaced = new HashMap<>();
  private final List<FileStatus> published = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private int removed;
  private long removedBytes;

  /**
   * A compaction of a table as it was listed.
   *
   * @param id what its folder is called after, used by no other
   * @param targetBytes size that merged files are to have; those of half of it stay alone
   */
  Compaction(Table table, TableFolder found, String id, long targetBytes, Configuration conf)
      throws IOException {
    this.table = table;
    this.folder = found.path();
    this.files = folder.getFileSystem(conf);
    this.conf = conf;
    this.targetBytes = targetBytes;
    this.target = new Path(folder, FOLDER + id);
    for (FileStatus file : found.files()) {
      if (isRunsOwn(file)) {
        listed.put(file.getPath().getName(), file);
      }
    }
  }

  /** Others lie deeper or directly in the table's folder: nobody knows whose they are. */
  private boolean isRunsOwn(FileStatus file) {
    Path run = file.getPath().getParent();
    return run.getName().startsWith("run=") && run.getParent().equals(folder);
  }

  /**
   * Publishes merged files beside those they replace.
   *
   * @return whether there are files to remove now
   * @throws IOException if a file cannot be stored
   */
  boolean merge() throws IOException {
    Map<FileStatus, Set<String>> merged = mergedBefore();
    Set<FileStatus> unsettled = new HashSet<>();
    merged.forEach(
        (file, from) ->
            from.stream()
                .filter(listed::containsKey)
                .forEach(
                    name -> {
                      replaced.put(name, listed.get(name));
                      unsettled.add(file);
                    }));
    // While what it replaces is there too, merging a file again would hide what that is.
    List<FileStatus> free =
        listed.values().stream()
            .filter(file -> !replaced.containsKey(file.getPath().getName()))
            .filter(file -> !unsettled.contains(file))
            .sorted(
                Comparator.comparingLong(FileStatus::getModificationTime)
                    .thenComparing(FileStatus::getPath))
            .toList();
    for (Group group : groups(free, merged)) {
      publish(group);
    }
    return !replaced.isEmpty();
  }

  /** The files that compactions have made, with the names of what they replace. */
  private Map<FileStatus, Set<String>> mergedBefore() throws IOException {
    Map<FileStatus, Set<String>> merged = new HashMap<>();
    for (FileStatus file : List.copyOf(listed.values())) {
      if (file.getPath().getParent().getName().startsWith(FOLDER)) {
        try (MergeSource source = MergeSource.open(file, table, conf)) {
          merged.put(file, new TreeSet<>(source.mergedFrom()));
        } catch (FileNotFoundException e) {
          listed.remove(file.getPath().getName());
        } catch (MergeSource.UnfitException e) {
          leave(e);
        }
      }
    }
    return merged;
  }

  private List<Group> groups(List<FileStatus> free, Map<FileStatus, Set<String>> merged) {
    List<Group> groups = new ArrayList<>();
    Set<FileStatus> grouped = new HashSet<>();
    List<FileStatus> made = free.stream().filter(merged::containsKey).toList();
    for (FileStatus file : made) {
      List<FileStatus> copies = copies(file, made, merged);
      if (copies.size() > 1 && Collections.disjoint(grouped, copies)) {
        groups.add(new Group(copies, Repeats.POSSIBLE));
        grouped.addAll(copies);
      }
    }
    List<FileStatus> next = new ArrayList<>();
    long bytes = 0;
    for (FileStatus file : free) {
      if (!grouped.contains(file) && file.getLen() < targetBytes / 2) {
        next.add(file);
        bytes += file.getLen();
        if (bytes >= targetBytes || next.size() == MOST_FILES) {
          groups.add(new Group(next, Repeats.NONE));
          next = new ArrayList<>();
          bytes = 0;
        }
      }
    }
    groups.add(new Group(next, Repeats.NONE));
    return groups;
  }

  /** The file, and those that were merged from some of the same files by another compaction. */
  private static List<FileStatus> copies(
      FileStatus file, List<FileStatus> made, Map<FileStatus, Set<String>> merged) {
    return made.stream()
        .filter(
            other ->
                other.equals(file) || !Collections.disjoint(merged.get(file), merged.get(other)))
        .toList();
  }

  private void publish(Group group) throws IOException {
    List<FileStatus> from = new ArrayList<>(group.files());
    while (from.size() > 1) {
      Path file = new Path(target, UniqueNames.dataFile(published.size() + 1));
      try {
        published.add(MergedFile.publish(from, group.repeats(), table, file, conf));
        from.forEach(old -> replaced.put(old.getPath().getName(), old));
        return;
      } catch (FileNotFoundException e) {
        // Another compaction has merged some of them; what is left is for the next one.
        return;
      } catch (MergeSource.UnfitException e) {
        if (!from.remove(e.file())) {
          throw e; // the merged file itself
        }
        leave(e);
      }
    }
  }

  private void leave(MergeSource.UnfitException reason) {
    listed.remove(reason.file().getPath().getName());
    problems.add(reason.getMessage());
  }

  /** Removes the files whose rows are in merged ones. */
  void removeMerged() {
    for (FileStatus file : replaced.values()) {
      try {
        if (files.delete(file.getPath(), false)) {
          removed++;
          removedBytes += file.getLen();
        }
      } catch (IOException e) {
        problems.add(file.getPath() + ": could not be removed (" + e.getMessage() + ")");
      }
    }
  }

  /** What came of it. */
  Done done() {
    List<FileStatus> before = List.copyOf(listed.values());
    long bytes = before.stream().mapToLong(FileStatus::getLen).sum();
    long newBytes = published.stream().mapToLong(FileStatus::getLen).sum();
    return new Done(
        folder,
        before.size(),
        bytes,
        before.size() - removed + published.size(),
        bytes - removedBytes + newBytes,
        List.copyOf(problems));
  }
}
