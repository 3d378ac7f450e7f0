package dev.assay.jobs.tables.land;

import dev.assay.InputException;
import dev.assay.jobs.tables.Stamp;
import dev.assay.jobs.tables.Table;
import dev.assay.jobs.tables.TableRow;
import java.io.Closeable;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Lands the rows of one run: collects them in memory and appends them to the tables, one immutable
 * Parquet file per table and commit, at {@code <out>/<sweep>/<table>/run=<run_id>/}.
 *
 * <p>Files are written by the driver and never by a Spark job, which would queue behind running
 * tasks. Each run writes only into folders of its own, so any number of runs can share an output.
 * Tables are published in the order of {@link Table}. Of several rows with one identity in one
 * commit the last is kept.
 *
 * <p>Safe for use by several threads; {@link #append} does not wait for a commit in progress.
 */
public final class Committer implements Closeable {
  private final Path sweepFolder;
  private final String sweep;
  private final String runId;
  private final Clock clock;
  private final Landing landing;

  private final Object rowsLock = new Object();
  private List<TableRow> rows = new ArrayList<>();

  private final Object commitLock = new Object();
  private Instant lastCommit = Instant.EPOCH;
  private int commits;

  Committer(Landing landing, Path out, String sweep, String runId, Clock clock) {
    this.landing = landing;
    this.sweepFolder = new Path(out, sweep);
    this.sweep = sweep;
    this.runId = runId;
    this.clock = clock;
  }

  /**
   * Opens a committer once the output has shown that it can be written.
   *
   * @param conf Hadoop configuration
   * @param out output folder, on any Hadoop file system
   * @param sweep name of the sweep
   * @param runId name of the run, used by no other
   * @param clock what tells {@code committed_at}
   * @throws InputException if {@code out} cannot be written or a name is not fit for a folder
   */
  public static Committer open(
      Configuration conf, String out, String sweep, String runId, Clock clock) {
    OutputFolder.checkName("sweep", sweep);
    OutputFolder.checkName("run id", runId);
    Path folder = OutputFolder.check(conf, out);
    try {
      FileSystem files = folder.getFileSystem(conf);
      return new Committer(Landing.on(files), folder, sweep, runId, clock);
    } catch (IOException e) {
      throw OutputFolder.unusable(out, e);
    }
  }

  /**
   * Takes rows for the next commit. The rows of one call land in one commit; a spectrum or the
   * metrics of a cell should come in one call, and metrics no later than their cell.
   *
   * @throws IllegalArgumentException if a row lacks the value of a required column; none is taken
   */
  public void append(Collection<? extends TableRow> more) {
    more.forEach(row -> row.table().check(row));
    synchronized (rowsLock) {
      rows.addAll(more);
    }
  }

  /**
   * Lands what was appended: at most one file per table.
   *
   * @throws IOException if a file could not be stored. Nothing of it is visible, and the rows that
   *     did not land wait for the next commit.
   */
  public void commit() throws IOException {
    synchronized (commitLock) {
      Map<Table, List<TableRow>> waiting = take();
      if (waiting.isEmpty()) {
        return;
      }
      Instant committedAt = nextInstant();
      commits++;
      try {
        for (Table table : Table.values()) {
          if (waiting.containsKey(table)) {
            publish(table, waiting.get(table), committedAt);
            waiting.remove(table);
          }
        }
      } finally {
        putBack(waiting);
      }
    }
  }

  /** Commits what is left. */
  @Override
  public void close() throws IOException {
    commit();
  }

  private Map<Table, List<TableRow>> take() {
    List<TableRow> taken;
    synchronized (rowsLock) {
      taken = rows;
      rows = new ArrayList<>();
    }
    Map<Table, List<TableRow>> byTable = new EnumMap<>(Table.class);
    for (TableRow row : taken) {
      byTable.computeIfAbsent(row.table(), table -> new ArrayList<>()).add(row);
    }
    return byTable;
  }

  private void putBack(Map<Table, List<TableRow>> left) {
    if (left.isEmpty()) {
      return;
    }
    synchronized (rowsLock) {
      List<TableRow> all = new ArrayList<>();
      left.values().forEach(all::addAll);
      all.addAll(rows);
      rows = all;
    }
  }

  private void publish(Table table, List<TableRow> tableRows, Instant committedAt)
      throws IOException {
    Stamp stamp = new Stamp(table.version(), runId, sweep, committedAt);
    Map<List<Object>, Object[]> newest = new LinkedHashMap<>();
    for (TableRow row : tableRows) {
      Object[] values = table.values(row, stamp);
      newest.put(table.identity(values), values);
    }
    Map<String, String> metadata =
        Map.of(
            MergedFile.TABLE, table.sqlName(),
            MergedFile.SCHEMA_VERSION, Integer.toString(table.version()));
    byte[] content = ParquetEncoder.encode(table.schema(), metadata, List.copyOf(newest.values()));
    landing.land(file(table), content);
  }

  private Path file(Table table) {
    String name = UniqueNames.dataFile(commits);
    return new Path(new Path(new Path(sweepFolder, table.sqlName()), "run=" + runId), name);
  }

  /** Later than every commit before it, even if the clock goes back. */
  private Instant nextInstant() {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    lastCommit = now.isAfter(lastCommit) ? now : lastCommit.plus(1, ChronoUnit.MICROS);
    return lastCommit;
  }
}
