package dev.assay.jobs;

import dev.assay.checkpoint.Folder;
import dev.assay.evaluate.Tasks;
import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.jobs.run.Tally;
import dev.assay.jobs.steps.identify.SweepInputs;
import dev.assay.jobs.tables.land.OutputFolder;
import dev.assay.jobs.tables.read.Progress;
import dev.assay.jobs.tables.read.RecordedSweep;
import dev.assay.model.ModelLoader;
import dev.assay.plan.Changes;
import dev.assay.plan.Plan;
import dev.assay.plan.SweepSettings;
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
    SweepInputs inputs = SweepInputs.open(settings, conf);
    if (!settings.evaluation().task().isEmpty()) {
      Folder folder = HadoopFolder.open(settings.model(), conf);
      Tasks.check(ModelLoader.config(folder, inputs.checkpoint()), folder.path());
    }
    Plan plan = inputs.plan();
    Known known = known(settings, conf);
    Tally tally = Tally.of(plan, known.progress(), settings.retry());
    Plan left =
        tally.skipped() == 0
            ? plan
            : plan.where(cell -> Tally.wanted(cell, known.progress(), settings.retry()));
    // Without digests ids are nobody's: they tell what is done only where nothing is.
    boolean told = inputs.identified() || known.progress().cells().isEmpty();
    new PlanReport(inputs, plan, left, told ? Optional.of(tally) : Optional.empty())
        .print(System.out);
    known
        .changes()
        .ifPresent(
            changes -> {
              ChangesReport report = new ChangesReport(changes, plan, known.progress(), settings);
              report.print(System.out);
              if (inputs.identified()) {
                report.printCells(System.out);
              }
            });
    return Main.OK;
  }

  /**
   * What the sweep's folder holds.
   *
   * @param progress what became of cells
   * @param changes what differs from the configuration used last, if there was one
   */
  private record Known(Progress progress, Optional<Changes> changes) {}

  /** Spark is started only where there is something to read. */
  private static Known known(SweepSettings settings, Configuration conf) throws IOException {
    Path sweep = new Path(settings.out(), settings.sweep());
    if (!OutputFolder.exists(conf, sweep.toString())) {
      return new Known(Progress.NONE, Optional.empty());
    }
    try (SparkSession session = SparkSession.builder().getOrCreate()) {
      session.sparkContext().setLogLevel("OFF"); // whatever goes wrong ends in one error
      return new Known(
          Progress.read(session, sweep.toString()),
          new RecordedSweep(sweep.toString())
              .configurations(session).stream()
                  .findFirst()
                  .map(last -> Changes.between(last, settings)));
    }
  }
}
