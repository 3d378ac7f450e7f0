package dev.assay.jobs;

import dev.assay.checkpoint.Checkpoint;
import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.jobs.steps.Calibration;
import dev.assay.jobs.steps.Tally;
import dev.assay.jobs.tables.OutputFolder;
import dev.assay.jobs.tables.Progress;
import dev.assay.sweep.Plan;
import dev.assay.sweep.StatisticsIds;
import dev.assay.sweep.SweepSettings;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code plan}: what a sweep would do, from headers alone. */
@Command(
    name = "plan",
    description = "Prints cells, FLOPs, bytes, memory and time of a sweep; reads headers only.",
    mixinStandardHelpOptions = true)
final class PlanCommand implements Callable<Integer> {
  @Mixin private SweepArguments arguments;

  @Override
  public Integer call() throws Exception {
    Configuration conf = SparkHadoopUtil.get().conf();
    SweepSettings settings = arguments.settings(conf);
    Checkpoint checkpoint = Checkpoint.open(HadoopFolder.open(settings.model(), conf));
    Optional<Calibration> calibration = Calibration.open(settings, checkpoint, conf);
    StatisticsIds statistics = Calibration.ids(settings, calibration, conf);
    Plan plan = Plan.of(settings, checkpoint.matrices(), statistics);
    Tally tally = Tally.of(plan, progress(settings, conf), settings.retry());
    new PlanReport(settings, checkpoint, plan, statistics, calibration, tally).print(System.out);
    return Main.OK;
  }

  /** Spark is started only where there is something to read. */
  private static Progress progress(SweepSettings settings, Configuration conf) throws IOException {
    if (!OutputFolder.exists(conf, settings.out())) {
      return Progress.NONE;
    }
    Path sweep = new Path(settings.out(), settings.sweep());
    try (SparkSession session = SparkSession.builder().getOrCreate()) {
      return Progress.read(session, sweep.toString());
    }
  }
}
