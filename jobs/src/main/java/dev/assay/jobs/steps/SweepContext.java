package dev.assay.jobs.steps;

import dev.assay.jobs.tables.Committer;
import java.io.IOException;
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
record SweepContext(
    JavaSparkContext spark,
    Broadcast<SerializableConfiguration> hadoop,
    String model,
    ModelLabels labels,
    FactorStore factors,
    StatisticsStore statistics,
    Committer committer,
    Pulse pulse) {

  /** Commits and reports at their intervals. */
  interface Pulse {
    /** Says what is being done, and out of how much. */
    void begin(String step, long total);

    /** Counts finished work of the step. */
    void advance(long done, long failed);

    /** Counts finished cells, which are work of the step and of the run. */
    void cells(long done, long failed);

    /** Commits and reports if it is time; whether to go on. */
    boolean beat() throws IOException;

    /** Commits what has come, again and again while it cannot be stored. */
    void settle() throws IOException;

    /** Notes what an executor computes on. */
    void executor(String id, String backend);
  }
}
