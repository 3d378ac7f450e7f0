package dev.assay.jobs.tables.land;

import dev.assay.InputException;
import dev.assay.jobs.tables.QueryErrors;
import dev.assay.jobs.tables.Table;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.Path;

/** An output folder: {@code <out>/<sweep>/<table>/run=<run_id>/part-….parquet}. */
public final class OutputFolder {
  /** What a committer names its files; everything else in a table's folder is foreign. */
  public static final String DATA_FILES = "part-*.parquet";

  /** Two magic words and the length of the footer: no Parquet file is shorter. */
  private static final long SHORTEST_PARQUET = 12;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

  private final FileSystem files;
  private final Path root;
  private final Map<Table, List<TableFolder>> tables = new EnumMap<>(Table.class);

  /**
   * A table's folder in a sweep.
   *
   * @param path full path
   * @param files its data files, whole ones or not
   */
  public record TableFolder(Path path, List<FileStatus> files) {
    /** The sweep's folder. */
    public Path sweep() {
      return path.getParent();
    }
  }

  private OutputFolder(FileSystem files, Path root) {
    this.files = files;
    this.root = root;
  }

  /**
   * Makes sure an output can be written, by writing: creates the folder, lands a hidden file there
   * as a committer would, and removes it. To be called before any work.
   *
   * @param conf Hadoop configuration
   * @param out path on any Hadoop file system
   * @return the folder's full path
   * @throws InputException if a regular file is in the way, or the folder cannot be written
   */
  public static Path check(Configuration conf, String out) {
    try {
      Path folder = qualified(conf, out);
      FileSystem files = folder.getFileSystem(conf);
      refuseFileInTheWay(files, folder);
      if (!files.mkdirs(folder)) {
        throw new IOException("The folder could not be created");
      }
      Path probe = new Path(folder, ".assay-" + UUID.randomUUID());
      Landing.on(files).land(probe, "writable".getBytes(StandardCharsets.UTF_8));
      files.delete(probe, false);
      return folder;
    } catch (IOException e) {
      throw unusable(out, e);
    }
  }

  /**
   * Refuses a name that cannot be a folder of its own.
   *
   * @throws InputException unless the name is letters, digits and {@code . _ -}, begins with a
   *     letter or digit, and is not the name of a table
   */
  static void checkName(String what, String name) {
    if (!NAME.matcher(name).matches()) {
      throw new InputException(
          what,
          "\"" + name + "\" cannot name a folder",
          "Use letters, digits and . _ - only, beginning with a letter or digit");
    }
    if (Arrays.stream(Table.values()).anyMatch(table -> table.sqlName().equals(name))) {
      throw new InputException(
          what, "\"" + name + "\" is the name of a table", "Choose another name");
    }
  }

  /**
   * Opens an output, or one sweep's folder in it, for reading.
   *
   * @throws InputException if it is no folder or cannot be reached
   */
  public static OutputFolder open(Configuration conf, String out) {
    try {
      Path folder = qualified(conf, out);
      FileSystem files = folder.getFileSystem(conf);
      if (files.getFileStatus(folder).isFile()) {
        throw new InputException(
            out, "is a regular file, not an output folder", "Name the folder a sweep wrote to");
      }
      return new OutputFolder(files, folder);
    } catch (FileNotFoundException | ParentNotDirectoryException e) {
      throw new InputException(
          out, "there is no such folder", "Name the folder a sweep wrote to, its out=…", e);
    } catch (IOException e) {
      throw unreadable(out, e);
    }
  }

  /** The folders of the sweeps that have a table with data files, by name. */
  public List<Path> sweepsWith(Table table) {
    return folders(table).stream().map(Path::getParent).toList();
  }

  /** Whether there is anything at a path. */
  public static boolean exists(Configuration conf, String out) {
    try {
      Path folder = qualified(conf, out);
      return folder.getFileSystem(conf).exists(folder);
    } catch (IOException e) {
      throw unreadable(out, e);
    }
  }

  /**
   * The folders of a table that hold data files, as first listed: one per sweep, or the only one
   * when this is a sweep's own folder.
   *
   * @throws InputException if a data file is too short to be one
   */
  public List<Path> folders(Table table) {
    return wholeFolders(table).stream().map(TableFolder::path).toList();
  }

  /**
   * The names of a table's data files, as first listed.
   *
   * @throws InputException if a data file is too short to be one
   */
  public Set<String> names(Table table) {
    return wholeFolders(table).stream()
        .flatMap(folder -> folder.files().stream())
        .map(file -> file.getPath().getName())
        .collect(Collectors.toSet());
  }

  /** The folders of a table that hold data files, damaged ones too, as first listed. */
  public List<TableFolder> tableFolders(Table table) {
    return tables.computeIfAbsent(table, this::list);
  }

  /** Spark passes over an empty file in silence; a table must not shrink like that. */
  private List<TableFolder> wholeFolders(Table table) {
    List<TableFolder> found = tableFolders(table);
    for (TableFolder folder : found) {
      for (FileStatus file : folder.files()) {
        if (isCutShort(file)) {
          throw QueryErrors.damaged(file.getPath().toString(), "it is cut short", null);
        }
      }
    }
    return found;
  }

  static boolean isCutShort(FileStatus file) {
    return file.getLen() < SHORTEST_PARQUET;
  }

  private List<TableFolder> list(Table table) {
    try {
      List<TableFolder> found = new ArrayList<>();
      for (Path sweep : sweeps()) {
        Path folder = new Path(sweep, table.sqlName());
        if (isFolder(folder)) {
          List<FileStatus> data = new ArrayList<>();
          collectData(folder, data);
          if (data.isEmpty()) {
            // All of it may have been merged into a folder that was not there yet.
            collectData(folder, data);
          }
          if (!data.isEmpty()) {
            found.add(new TableFolder(folder, List.copyOf(data)));
          }
        }
      }
      return found;
    } catch (IOException e) {
      throw unreadable(root.toString(), e);
    }
  }

  static InputException unusable(String out, Exception cause) {
    return new InputException(
        out,
        "cannot be written as an output folder (" + reason(cause) + ")",
        "Choose a folder you may write to with out=…",
        cause);
  }

  private static InputException unreadable(String out, Exception cause) {
    return new InputException(
        out,
        "cannot be read (" + reason(cause) + ")",
        "Check the path and your permissions",
        cause);
  }

  private static String reason(Exception cause) {
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return message.lines().findFirst().orElse(message);
  }

  private static Path qualified(Configuration conf, String out) throws IOException {
    try {
      Path path = new Path(out);
      return path.getFileSystem(conf).makeQualified(path);
    } catch (IllegalArgumentException e) {
      throw new InputException(
          "\"" + out + "\"", "is not a path", "Give a folder such as out or hdfs:///assay/out", e);
    } catch (IOException e) {
      throw new InputException(
          out,
          "its file system cannot be opened (" + reason(e) + ")",
          "Check the scheme, and put its connector on the class path with --packages",
          e);
    }
  }

  private static void refuseFileInTheWay(FileSystem files, Path folder) throws IOException {
    for (Path path = folder; path != null; path = path.getParent()) {
      try {
        if (files.getFileStatus(path).isFile()) {
          throw new InputException(
              folder.toString(),
              path.equals(folder) ? "is a regular file" : "lies under a regular file, " + path,
              "Choose another output folder with out=…");
        }
        return;
      } catch (FileNotFoundException | ParentNotDirectoryException e) {
        // Not there: what may be in the way is further up.
      }
    }
  }

  /** Where all this is. */
  public Path root() {
    return root;
  }

  /** Its file system. */
  public FileSystem files() {
    return files;
  }

  /** The folders of the sweeps; only the root itself when this is a sweep's own folder. */
  public List<Path> sweeps() throws IOException {
    for (Table table : Table.values()) {
      if (isFolder(new Path(root, table.sqlName()))) {
        return List.of(root);
      }
    }
    return Arrays.stream(files.listStatus(root))
        .filter(status -> status.isDirectory() && !hidden(status.getPath()))
        .map(FileStatus::getPath)
        .sorted()
        .toList();
  }

  private boolean isFolder(Path path) throws IOException {
    try {
      return files.getFileStatus(path).isDirectory();
    } catch (FileNotFoundException e) {
      return false;
    }
  }

  private void collectData(Path folder, List<FileStatus> data) throws IOException {
    for (FileStatus status : statuses(folder)) {
      if (hidden(status.getPath())) {
        continue;
      }
      if (status.isDirectory()) {
        collectData(status.getPath(), data);
      } else if (isData(status.getPath())) {
        data.add(status);
      }
    }
  }

  /** What is in a folder; nothing if it is gone by now, as those that a compaction emptied. */
  private FileStatus[] statuses(Path folder) throws IOException {
    try {
      return files.listStatus(folder);
    } catch (FileNotFoundException e) {
      return new FileStatus[0];
    }
  }

  private static boolean isData(Path file) {
    return file.getName().startsWith("part-") && file.getName().endsWith(".parquet");
  }

  public static boolean hidden(Path path) {
    return path.getName().startsWith(".") || path.getName().startsWith("_");
  }
}
