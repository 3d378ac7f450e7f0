package dev.assay.jobs.run;

import dev.assay.checkpoint.LeftOut;
import dev.assay.jobs.BuildInfo;
import dev.assay.jobs.tables.RunRow;
import dev.assay.jobs.tables.RunStatus;
import dev.assay.linalg.Backend;
import dev.assay.linalg.Blas;
import dev.assay.plan.Ids;
import dev.assay.plan.SweepSettings;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.util.VersionInfo;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.Utils;

/**
 * What {@code runs} says of a run: one row when it begins, one when it ends.
 *
 * @param start the row of the start
 * @param skipped cells that were there already
 */
public record RunRecord(RunRow start, long skipped) {
  public static RunRecord begin(
      SparkSession session,
      SweepSettings settings,
      List<LeftOut> leftOut,
      long planned,
      long skipped) {
    BuildInfo build = BuildInfo.read();
    Backend backend = Blas.backend();
    RunRow start =
        RunRow.started(
            "sweep",
            settings.resolved(),
            Ids.of(Map.of("kind", "configuration", "configuration", settings.resolved())),
            leftOut.stream().map(LeftOut::toString).toList(),
            new RunRow.Software(
                build.version(),
                build.commit(),
                session.version(),
                scala.util.Properties.versionNumberString(),
                VersionInfo.getVersion(),
                System.getProperty("java.version")),
            new RunRow.Machine(
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors(),
                Utils.localHostName(),
                session.sparkContext().master(),
                backend.name(),
                backend.doubleGflops(),
                backend.singleGflops()),
            Instant.now(),
            planned);
    return new RunRecord(start, skipped);
  }

  RunRow end(RunStatus status, Heartbeat heart) {
    RunRow.Counts counts =
        new RunRow.Counts(start.counts().planned(), heart.done(), heart.failed(), skipped);
    return start.ended(status, Instant.now(), counts, heart.executors());
  }
}
