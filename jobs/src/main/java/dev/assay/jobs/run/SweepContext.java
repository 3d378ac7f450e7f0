package dev.assay.jobs.run;

import dev.assay.jobs.store.FactorStore;
import dev.assay.jobs.store.StatisticsStore;
import dev.assay.jobs.tables.CellRow;
import dev.assay.jobs.tables.TableRow;
import dev.assay.jobs.tables.land.Committer;
import java.io.IOException;
import java.util.Collection;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * What the steps of one sweep share on the driver.
 *
 * @param spark the application
 * @param hadoop the driver's Hadoop configuration, for tasks
 * @param model path of the checkpoint
 * @param labels what the model is called in tables
 * @param factors where factors are kept
 * @param statistics where statistics of inputs are
 * @param committer where rows go
 * @param pulse what to do while tasks run
 */
public record SweepContext(
    JavaSparkContext spark,
    Broadcast<SerializableConfiguration> hadoop,
    String model,
    ModelLabels labels,
    FactorStore factors,
    StatisticsStore statistics,
    Committer committer,
    Pulse pulse) {

  /** Commits and reports at their intervals. */
  public interface Pulse {
    /**
     * Says what is being done, and out of how much.
     *
     * @param total number of things to do
     * @param work their estimated work, in any unit
     */
    void begin(String step, long total, double work);

    /** A step of things that take about the same time. */
    default void begin(String step, long total) {
      begin(step, total, total);
    }

    /** Counts finished things of the step, and their work. */
    void advance(long done, long failed, double work);

    /** Counts finished things that take about the same time. */
    default void advance(long done, long failed) {
      advance(done, failed, done + failed);
    }

    /**
     * Takes finished cells for the next commit and counts them, which are work of the step and of
     * the run. A run that has ended takes none, so that its last row counts what has landed.
     *
     * @param measured what was measured of them, to land with them
     */
    void cells(Collection<CellRow> rows, Collection<? extends TableRow> measured, double work);

    /** Commits and reports if it is time; whether to go on. */
    boolean beat() throws IOException;

    /** Ends the step: commits what has come, again and again while it cannot be stored. */
    void settle() throws IOException;

    /** Notes what an executor computes on. */
    void executor(String id, String backend);
  }
}
