package dev.assay.jobs;

import dev.assay.jobs.sweep.SweepRun;
import dev.assay.plan.SweepSettings;
import java.util.concurrent.Callable;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code sweep}: every recipe over every matrix, into tables. */
@Command(
    name = "sweep",
    description = "Runs every recipe over every weight matrix and appends to the tables.",
    mixinStandardHelpOptions = true)
final class SweepCommand implements Callable<Integer> {
  @Mixin private SweepArguments arguments;

  @Override
  public Integer call() throws Exception {
    SweepSettings settings = arguments.settings(SparkHadoopUtil.get().conf());
    try (SparkSession session = SparkSession.builder().getOrCreate()) {
      SweepRun.Summary summary = new SweepRun(session, settings, System.err).run();
      new SweepReport(session, settings, System.out).print(summary);
      return summary.allFailed() > 0 ? Main.FAILED_CELLS : Main.OK;
    }
  }
}
