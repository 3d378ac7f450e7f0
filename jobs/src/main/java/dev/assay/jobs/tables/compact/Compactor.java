package dev.assay.jobs.tables.compact;

import dev.assay.InputException;
import dev.assay.config.Suggestion;
import dev.assay.jobs.tables.RunStatus;
import dev.assay.jobs.tables.Table;
import dev.assay.jobs.tables.compact.Compaction.Done;
import dev.assay.jobs.tables.land.OutputFolder;
import dev.assay.jobs.tables.land.OutputFolder.TableFolder;
import dev.assay.jobs.tables.land.UniqueNames;
import dev.assay.jobs.tables.read.Reading;
import dev.assay.jobs.tables.read.Views;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * Merges the small files of an output's tables, and removes what killed runs have left.
 *
 * <p>The driver copies rows from file to file, one row group at a time; Spark only reads {@code
 * runs}. May run beside sweeps and other compactions.
 */
public final class Compactor {
  /** Size that merged files are to have. */
  static final long TARGET_BYTES = 128L << 20;

  /**
   * What to do.
   *
   * @param out an output folder with all its sweeps, or the folder of one sweep
   * @param sweep the only sweep to take, all if empty
   * @param grace how long merged files stay for readers that have listed them
   * @param olderThan how long leftovers of runs that have not ended must have been left alone
   */
  public record Request(String out, Optional<String> sweep, Duration grace, Duration olderThan) {}

  private final SparkSession spark;
  private final Configuration conf;
  private final Request request;
  private final PrintStream out;
  private final PrintStream log;

  /**
   * A compaction to be.
   *
   * @param out takes what was done
   * @param log takes what is going on
   */
  public Compactor(SparkSession spark, Request request, PrintStream out, PrintStream log) {
    this.spark = spark;
    this.conf = spark.sparkContext().hadoopConfiguration();
    this.request = request;
    this.out = out;
    this.log = log;
  }

  /**
   * Does it.
   *
   * @return whether no file had to be left alone
   * @throws InputException if there is no such output or sweep
   * @throws IOException if a file system fails; no row is lost
   */
  public boolean run() throws IOException {
    OutputFolder folder = OutputFolder.open(conf, request.out());
    List<Path> sweeps = sweeps(folder);
    Set<String> ended = ended();
    List<Compaction> compactions = compactions(folder, sweeps);
    boolean waiting = false;
    for (Compaction compaction : compactions) {
      waiting |= compaction.merge();
    }
    if (waiting) {
      await();
      compactions.forEach(Compaction::removeMerged);
    }
    boolean clean = true;
    for (Compaction compaction : compactions) {
      clean &= report(compaction.done());
    }
    Leftovers leftovers = new Leftovers(folder.files(), ended, Instant.now(), request.olderThan());
    if (request.sweep().isEmpty()) {
      leftovers.inOutput(folder.root());
    }
    for (Path sweep : written(compactions)) {
      leftovers.inSweep(sweep);
    }
    report(leftovers.swept());
    return clean;
  }

  private List<Path> sweeps(OutputFolder folder) throws IOException {
    List<Path> all = folder.sweeps();
    if (request.sweep().isEmpty()) {
      return all;
    }
    String wanted = request.sweep().get();
    List<Path> found = all.stream().filter(path -> path.getName().equals(wanted)).toList();
    if (found.isEmpty()) {
      throw new InputException(
          request.out(),
          "holds no sweep " + wanted,
          Suggestion.of(wanted, all.stream().map(Path::getName).toList()));
    }
    return found;
  }

  /** Ids of the runs that have said how they ended: nothing of theirs is written any more. */
  private Set<String> ended() {
    return Reading.of(
        spark,
        request.out(),
        folder -> {
          Set<String> ids = new HashSet<>();
          Views.files(spark, folder, Table.RUNS)
              .where("status <> '" + RunStatus.STARTED + "'")
              .select("run_id")
              .distinct()
              .collectAsList()
              .forEach(row -> ids.add(row.getString(0)));
          return ids;
        });
  }

  private List<Compaction> compactions(OutputFolder folder, List<Path> sweeps) throws IOException {
    String id = UniqueNames.run();
    List<Compaction> compactions = new ArrayList<>();
    for (Path sweep : sweeps) {
      for (Table table : Table.values()) {
        for (TableFolder found : folder.tableFolders(table)) {
          if (found.sweep().equals(sweep)) {
            compactions.add(new Compaction(table, found, id, TARGET_BYTES, conf));
          }
        }
      }
    }
    return compactions;
  }

  /** Folders that are a sweep's for sure: they have tables. */
  private static Set<Path> written(List<Compaction> compactions) {
    return compactions.stream()
        .map(compaction -> compaction.done().folder().getParent())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private void await() throws IOException {
    long seconds = request.grace().toSeconds();
    if (seconds > 0) {
      log.printf(
          Locale.ROOT,
          "Merged files stay %d s for readers that have listed them (grace=%ds)%n",
          seconds,
          seconds);
    }
    try {
      Thread.sleep(request.grace().toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted; the next compaction removes the merged files", e);
    }
  }

  private boolean report(Done done) {
    out.printf(
        Locale.ROOT,
        "%s/%s: %,d -> %,d files, %s -> %s%n",
        done.folder().getParent().getName(),
        done.folder().getName(),
        done.filesBefore(),
        done.filesAfter(),
        size(done.bytesBefore()),
        size(done.bytesAfter()));
    done.problems().forEach(problem -> log.println("Left alone: " + problem));
    return done.problems().isEmpty();
  }

  private void report(Leftovers.Swept swept) {
    swept.removed().forEach(path -> out.println("Removed " + path));
    for (Path path : swept.kept()) {
      log.printf(
          Locale.ROOT,
          "Kept %s: its run has not ended, and it changed in the last %s (older-than)%n",
          path,
          shown(request.olderThan()));
    }
  }

  private static String shown(Duration time) {
    return time.toHours() > 0 ? time.toHours() + " h" : time.toSeconds() + " s";
  }

  private static String size(long bytes) {
    return bytes < 1 << 20
        ? String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0)
        : String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
  }
}
