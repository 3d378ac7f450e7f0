package dev.assay.jobs;

import dev.assay.jobs.steps.SweepRun.Summary;
import dev.assay.jobs.tables.Format;
import dev.assay.jobs.tables.SqlCommand;
import dev.assay.sweep.SweepSettings;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.apache.spark.sql.SparkSession;

/** What a sweep says when it has ended: a line per recipe, what failed, and where to look. */
final class SweepReport {
  private static final int SHOWN = 40;
  private static final int CAUSES = 5;

  private final SparkSession session;
  private final SweepSettings settings;
  private final PrintStream out;

  SweepReport(SparkSession session, SweepSettings settings, PrintStream out) {
    this.session = session;
    this.settings = settings;
    this.out = out;
  }

  void print(Summary summary) {
    String folder = settings.out();
    String sweep = "sweep = '" + settings.sweep() + "'";
    out.println();
    query(
        "SELECT label AS recipe, count(*) AS matrices,"
            + " round(sum(8.0 * stored_bytes) / sum(1.0D * rows * cols), 3) AS bits,"
            + " round(sqrt(avg(relative_error * relative_error)), 5) AS error,"
            + " round(max(relative_error), 5) AS worst"
            + " FROM results WHERE "
            + sweep
            + " GROUP BY label ORDER BY bits, error, label LIMIT "
            + SHOWN);
    if (summary.allFailed() > 0) {
      out.println();
      query(
          "SELECT count(*) AS failed, error_class, min(error_message) AS example FROM cells WHERE "
              + sweep
              + " AND status = 'FAILED' GROUP BY error_class ORDER BY failed DESC LIMIT "
              + CAUSES);
    }
    out.println();
    out.printf(
        Locale.ROOT,
        "%,d cells planned: %,d computed, %,d there before, %,d failed%s%n",
        summary.before().planned(),
        summary.done(),
        summary.before().done(),
        summary.allFailed(),
        summary.complete() ? "" : "; stopped at the first failure (fail-fast)");
    out.printf(
        Locale.ROOT,
        "Next: ./submit.sh sql %s \"SELECT matrix, min(relative_error) FROM results GROUP BY"
            + " matrix\"%n",
        folder);
  }

  private void query(String statement) {
    PrintStream quiet =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    new SqlCommand(out, quiet).run(session, settings.out(), statement, Format.TABLE);
  }
}
