package dev.assay.jobs.steps.identify;

import dev.assay.InputException;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Extent;
import dev.assay.checkpoint.Folder;
import dev.assay.checkpoint.LeftOut;
import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.jobs.steps.calibrate.Calibration;
import dev.assay.jobs.store.StatisticsStore;
import dev.assay.jobs.store.SuppliedStatistics;
import dev.assay.plan.Plan;
import dev.assay.plan.StatisticsIds;
import dev.assay.plan.SweepSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * What a sweep is made from, read on the driver from headers: the checkpoint, and what its inputs'
 * statistics are.
 *
 * @param settings the sweep
 * @param checkpoint the model
 * @param calibration what statistics are made from, where the sweep makes any
 * @param statistics where they are
 * @param supplied the folder of the user's own statistics, where they are used
 * @param identified whether ids made from these are those of the contents; where digests are yet to
 *     be made, ids are good for counting and are nobody's
 */
public record SweepInputs(
    SweepSettings settings,
    Checkpoint checkpoint,
    Optional<Calibration> calibration,
    StatisticsStore statistics,
    Optional<Folder> supplied,
    boolean identified) {

  /**
   * Opens them, with the identities that are remembered under the output.
   *
   * @throws InputException if the model, or what calibrates it, is not fit for it
   */
  public static SweepInputs open(SweepSettings settings, Configuration conf) throws IOException {
    SweepInputs weights = ofWeights(settings, conf);
    Optional<Calibration> calibration = Calibration.open(settings, weights.checkpoint, conf);
    if (calibration.isPresent()) {
      return weights.with(calibration, calibration.get().store(settings, conf));
    }
    String folder = settings.calibration().supplied();
    if (!settings.calibrated() || folder.isEmpty()) {
      return weights;
    }
    HadoopFolder supplied = HadoopFolder.open(folder, conf);
    List<Extent> files = SuppliedStatistics.extents(supplied);
    Optional<Map<Extent, String>> known =
        new ContentDigests(settings.out(), conf).known(supplied, files);
    return new SweepInputs(
        settings,
        weights.checkpoint,
        Optional.empty(),
        StatisticsStore.supplied(supplied, SuppliedStatistics.ids(files, known.orElse(Map.of()))),
        Optional.of(supplied),
        weights.identified && known.isPresent());
  }

  /** Opens the checkpoint alone, for recipes that ask for nothing else. */
  public static SweepInputs ofWeights(SweepSettings settings, Configuration conf)
      throws IOException {
    HadoopFolder model = HadoopFolder.open(settings.model(), conf);
    Checkpoint checkpoint = Checkpoint.open(model);
    refuseIfNothingIsRead(checkpoint);
    Optional<Map<Extent, String>> known =
        new ContentDigests(settings.out(), conf).known(model, checkpoint.extents());
    return new SweepInputs(
        settings,
        known.map(checkpoint::identified).orElse(checkpoint),
        Optional.empty(),
        StatisticsStore.NONE,
        Optional.empty(),
        known.isPresent());
  }

  private SweepInputs with(Optional<Calibration> made, StatisticsStore store) {
    return new SweepInputs(settings, checkpoint, made, store, supplied, identified);
  }

  /**
   * The same with identities; digests that are not remembered are made, by tasks, and remembered.
   */
  public SweepInputs identified(
      JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop, PrintStream log)
      throws IOException {
    if (identified) {
      return this;
    }
    Configuration conf = spark.hadoopConfiguration();
    ContentDigests digests = new ContentDigests(settings.out(), conf);
    HadoopFolder model = HadoopFolder.open(settings.model(), conf);
    Checkpoint known =
        checkpoint.identified(digests.made(model, checkpoint.extents(), spark, hadoop, log));
    Optional<Calibration> calibrated = calibration.map(made -> made.of(known));
    StatisticsStore store = statistics;
    if (calibrated.isPresent()) {
      store = calibrated.get().store(settings, conf);
    } else if (supplied.isPresent()) {
      List<Extent> files = SuppliedStatistics.extents(supplied.get());
      store =
          StatisticsStore.supplied(
              supplied.get(),
              SuppliedStatistics.ids(
                  files, digests.made(supplied.get(), files, spark, hadoop, log)));
    }
    return new SweepInputs(settings, known, calibrated, store, supplied, true);
  }

  /** What the sweep will do. */
  public Plan plan() {
    return Plan.of(settings, checkpoint.family(), checkpoint.matrices(), statistics.ids());
  }

  /** What the plan's ids say of the statistics. */
  public StatisticsIds statisticsIds() {
    return statistics.ids();
  }

  private static void refuseIfNothingIsRead(Checkpoint checkpoint) {
    List<LeftOut> leftOut = checkpoint.inventory().leftOut();
    if (checkpoint.matrices().isEmpty() && !leftOut.isEmpty()) {
      throw new InputException(
          checkpoint.path(),
          "Holds no matrix that is read, but "
              + leftOut.size()
              + " other tensors: "
              + String.join("; ", LeftOut.lines(leftOut)),
          "Convert the model to F32, F16, BF16, F64 or FP8.");
    }
  }
}
