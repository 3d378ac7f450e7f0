package dev.assay.jobs;

import dev.assay.checkpoint.LeftOut;
import dev.assay.jobs.sweep.SweepRun.Planned;
import dev.assay.jobs.sweep.SweepRun.Summary;
import dev.assay.jobs.tables.read.Views;
import dev.assay.jobs.tables.sql.Format;
import dev.assay.jobs.tables.sql.SqlCommand;
import dev.assay.plan.SweepSettings;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** What a sweep says when it has ended: a line per recipe, what failed, and where to look. */
final class SweepReport {
  private static final int SHOWN = 40;
  private static final int CAUSES_SHOWN = 10;

  /** By the labels of now: a cell may have been computed under another spelling of its recipe. */
  private static final String PLANNED = " JOIN global_temp.planned_cells USING (cell_id)";

  private static final String ERRORS =
      "SELECT planned_label AS recipe, count(*) AS matrices,"
          + " round(sum(8.0D * stored_bytes) / sum(1.0D * rows * cols), 3) AS bits,"
          + " round(sqrt(avg(relative_error * relative_error)), 5) AS error,"
          + " round(max(relative_error), 5) AS worst%s FROM results"
          + PLANNED
          + "%s GROUP BY planned_label";

  /** Root mean square of ‖(W−Ŵ)X‖/‖WX‖ over the matrices, on the newest tokens of each. */
  private static final String OUTPUT_ERROR =
      ", round(sqrt(avg(relative_output_error)), 5) AS output_error";

  private static final String OUTPUTS =
      " LEFT JOIN (SELECT cell_id, matrix,"
          + " max_by(relative_output_error, committed_at) AS relative_output_error"
          + " FROM output_metrics GROUP BY cell_id, matrix) USING (cell_id, matrix)";

  /**
   * Failed cells by what is the same in their messages, whatever matrix and numbers they name, each
   * with one of its cells.
   */
  private static final String CAUSES =
      "WITH failures AS (SELECT *, regexp_replace(replace(error_message, unit, '<matrix>'),"
          + " '[0-9]+([.][0-9]+)?([eE][-+]?[0-9]+)?', '#') AS cause FROM cells"
          + PLANNED
          + " WHERE status = 'FAILED'), causes AS (SELECT count(*) AS failed, error_class,"
          + " if(count(DISTINCT error_message) = 1, min(error_message), cause) AS cause,"
          + " min(struct(unit, planned_label, cell_id)) AS example FROM failures"
          + " GROUP BY error_class, failures.cause), frequent AS (SELECT * FROM causes"
          + " ORDER BY failed DESC, error_class, cause LIMIT "
          + CAUSES_SHOWN
          + ") SELECT failed, error_class, cause, matrix, recipe, cell_id FROM ("
          + "SELECT 0 AS place, failed, error_class, cause, example.unit AS matrix,"
          + " example.planned_label AS recipe, example.cell_id FROM frequent"
          + " UNION ALL SELECT 1, a.failed - f.failed, 'others',"
          + " concat(a.causes - f.causes, ' more causes'), NULL, NULL, NULL"
          + " FROM (SELECT sum(failed) AS failed, count(*) AS causes FROM causes) a,"
          + " (SELECT sum(failed) AS failed, count(*) AS causes FROM frequent) f"
          + " WHERE a.causes > f.causes) ORDER BY place, failed DESC, error_class, cause";

  private final SparkSession session;
  private final SweepSettings settings;
  private final PrintStream out;

  SweepReport(SparkSession session, SweepSettings settings, PrintStream out) {
    this.session = session;
    this.settings = settings;
    this.out = out;
  }

  void print(Summary summary) {
    labelled("planned_cells", "cell_id", summary.cells());
    labelled("planned_trials", "trial_id", summary.trials());
    out.println();
    Findings.Measured measured = Findings.Measured.of(rows(Findings.Measured.SQL).get(0));
    String errors =
        measured.outputs() ? ERRORS.formatted(OUTPUT_ERROR, OUTPUTS) : ERRORS.formatted("", "");
    String order =
        " ORDER BY bits, " + (measured.outputs() ? "output_error, " : "") + "error, recipe";
    if (summary.trials().isEmpty()) {
      query("SELECT * FROM (" + errors + ")" + order + " LIMIT " + SHOWN);
    } else {
      query(
          "SELECT e.*, m.metric, round(m.value, 4) AS value,"
              + " if(m.low IS NULL OR isnan(m.low), NULL,"
              + " format_string('%.3f to %.3f', m.low, m.high)) AS interval,"
              + " round(m.difference, 4) AS difference, round(m.p_value, 4) AS p"
              + measured.fidelity()
              + " FROM ("
              + errors
              + ") e LEFT JOIN ("
              + Findings.FIRST_METRIC
              + ") m"
              + " ON m.planned_label = e.recipe"
              + order
              + " LIMIT "
              + SHOWN);
      findings(new Findings(measured));
      comparisons(summary);
    }
    allocations(summary, measured);
    if (summary.allFailed() > 0) {
      out.println();
      query(CAUSES);
    }
    out.println();
    LeftOut.lines(summary.leftOut()).forEach(line -> out.println("Left out of the model: " + line));
    if (settings.recipes().size() > SHOWN) {
      out.printf(
          Locale.ROOT,
          "The %d smallest of %d recipes are shown; the tables hold all of them.%n",
          SHOWN,
          settings.recipes().size());
    }
    out.printf(
        Locale.ROOT,
        "%,d cells planned: %,d computed, %,d there before, %,d failed%s%n",
        summary.before().planned(),
        summary.done(),
        summary.before().done(),
        summary.allFailed(),
        summary.complete() ? "" : "; stopped before the end");
    if (summary.allFailed() > 0) {
      out.printf(
          "Every failed cell: ./submit.sh sql '%s' file=notebooks-export/what-failed.sql; to try them"
              + " again: the same command with retry=failed%n",
          settings.out());
    }
    out.printf(
        Locale.ROOT,
        "Next: ./submit.sh sql '%s' \"SELECT matrix, min(relative_error) FROM results GROUP BY"
            + " matrix\"%n",
        settings.out());
  }

  private void findings(Findings findings) {
    out.println();
    query(findings.fewestBits());
    List<Row> together = rows(Findings.together());
    if (!together.isEmpty()) {
      out.println();
      out.println(findings.sentence(together));
      query(findings.alike());
    }
  }

  private void comparisons(Summary summary) {
    if (!summary.comparisons().isEmpty()) {
      session
          .createDataset(summary.comparisons(), Encoders.STRING())
          .toDF("comparison_id")
          .createOrReplaceGlobalTempView("planned_comparisons");
      out.println();
      query(
          "SELECT comparison, a, b, concat(pair_by, ' = ', pair_value) AS pair, n, a_correct,"
              + " b_correct, only_a, only_b, round(p_value, 4) AS p, round(p_holm, 4) AS p_holm"
              + " FROM comparisons LEFT SEMI JOIN global_temp.planned_comparisons"
              + " USING (comparison_id)"
              + " ORDER BY comparison, a, b, try_cast(pair_value AS double), a_label, b_label");
    }
  }

  /** What budgets came to: the prediction, and what the model then answered. */
  private void allocations(Summary summary, Findings.Measured measured) {
    if (summary.allocations().isEmpty()) {
      return;
    }
    named(
        "planned_allocations",
        List.of("allocation_id", "trial_id"),
        summary.allocations().stream().map(one -> RowFactory.create(one.id(), one.trialId())));
    String allocated =
        "SELECT allocation, trial_id, count(DISTINCT label) AS recipes, max(objective) AS objective,"
            + " 8 * max(total_bytes) / sum(weights) AS bits, max(total_loss) AS loss,"
            + " max(loss_bound) AS bound FROM allocations"
            + " JOIN global_temp.planned_allocations USING (allocation_id)"
            + " JOIN (SELECT cell_id, sum(CAST(rows AS BIGINT) * cols) AS weights"
            + " FROM layer_metrics GROUP BY cell_id) USING (cell_id) GROUP BY allocation, trial_id";
    out.println();
    out.println("Allocated over the measured cells, and what the models then answered:");
    query(
        "SELECT a.allocation, a.recipes, round(a.bits, 3) AS bits, a.objective,"
            + " round(a.loss, 5) AS predicted, round(a.loss - a.bound, 7) AS gap, m.metric,"
            + " round(m.value, 4) AS value, if(m.low IS NULL OR isnan(m.low), NULL,"
            + " format_string('%.3f to %.3f', m.low, m.high)) AS interval,"
            + " round(m.difference, 4) AS difference"
            + measured.fidelity()
            + " FROM ("
            + allocated
            + ") a LEFT JOIN ("
            + Findings.FIRST_METRIC
            + ") m USING (trial_id) ORDER BY bits, allocation");
  }

  private void labelled(String name, String column, List<Planned> planned) {
    named(
        name,
        List.of(column, "planned_label"),
        planned.stream().map(one -> RowFactory.create(one.id(), one.label())));
  }

  /** A view of texts. */
  private void named(String name, List<String> columns, Stream<Row> rows) {
    StructType type = new StructType();
    for (String column : columns) {
      type = type.add(column, DataTypes.StringType);
    }
    session.createDataFrame(rows.toList(), type).createOrReplaceGlobalTempView(name);
  }

  private List<Row> rows(String statement) {
    SparkSession own = session.newSession();
    Views.register(own, folder());
    return own.sql(statement).collectAsList();
  }

  private String folder() {
    return new Path(settings.out(), settings.sweep()).toString();
  }

  private void query(String statement) {
    PrintStream quiet =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    new SqlCommand(out, quiet).run(session, folder(), statement, Format.TABLE);
  }
}
