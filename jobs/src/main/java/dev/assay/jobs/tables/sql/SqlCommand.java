package dev.assay.jobs.tables.sql;

import dev.assay.InputException;
import dev.assay.jobs.tables.QueryErrors;
import dev.assay.jobs.tables.read.Reading;
import dev.assay.jobs.tables.read.Views;
import java.io.PrintStream;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.plans.logical.Command;
import org.apache.spark.sql.catalyst.plans.logical.InsertIntoDir;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.ParsedStatement;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Answers one question in SQL over an output: rows, and nothing else, on one stream; remarks on the
 * other.
 *
 * <p>A query runs in a session of its own whose time zone is UTC, over the views of {@link Views}.
 * Only statements that read are run: queries, SHOW, DESCRIBE and EXPLAIN. How rows are printed is
 * told at {@link Format}.
 */
public final class SqlCommand {
  private final PrintStream out;
  private final PrintStream remarks;

  /**
   * A command that prints.
   *
   * @param out takes the data; should encode as UTF-8
   * @param remarks takes everything else
   */
  public SqlCommand(PrintStream out, PrintStream remarks) {
    this.out = out;
    this.remarks = remarks;
  }

  /**
   * Runs a statement and prints its rows.
   *
   * @param spark the application's session, left as it is
   * @param folder output folder, or the folder of one sweep in it
   * @param sql one statement
   * @param format how to print
   * @throws InputException if the folder cannot be read or holds a damaged file; if the statement
   *     is not SQL, names what is not there, fails on a value, or would write
   */
  public void run(SparkSession spark, String folder, String sql, Format format) {
    SparkSession session = spark.newSession();
    session.conf().set("spark.sql.session.timeZone", "UTC");
    for (int tried = 1; ; tried++) {
      ResultPrinter printer = new ResultPrinter(out, remarks);
      try {
        if (!Views.register(session, folder)) {
          remarks.println(folder + ": no sweep has written here; every table is empty");
        }
        refuseUnlessItReads(session, sql);
        printer.print(session.sql(sql), format);
        return;
      } catch (Exception e) {
        // Spark's Scala throws checked exceptions without declaring them.
        if (e instanceof AnalysisException) {
          throw misspelt(session, sql, e);
        }
        // A compaction has merged files that the query was to read.
        if (tried == Reading.TRIES || printer.hasBegun() || !QueryErrors.isMissingFile(e)) {
          throw QueryErrors.translate(e);
        }
      }
    }
  }

  private static void refuseUnlessItReads(SparkSession session, String sql)
      throws AnalysisException {
    if (sql.isBlank()) {
      throw new InputException("SQL", "the statement is empty", "Try \"SELECT * FROM runs\"");
    }
    LogicalPlan plan =
        ((org.apache.spark.sql.classic.SparkSession) session)
            .sessionState()
            .sqlParser()
            .parsePlan(sql);
    if (!reads(plan)) {
      throw new InputException(
          "SQL",
          "only statements that read are run, and this one does not: " + sql.strip(),
          "Use SELECT, WITH, VALUES, SHOW, DESCRIBE or EXPLAIN");
    }
  }

  private static boolean reads(LogicalPlan plan) {
    if (plan instanceof InsertIntoDir) {
      return false;
    }
    if (plan instanceof Command || plan instanceof ParsedStatement) {
      String kind = plan.getClass().getSimpleName();
      return kind.startsWith("Show") || kind.startsWith("Describe") || kind.startsWith("Explain");
    }
    return CollectionConverters.asJava(plan.children()).stream().allMatch(SqlCommand::reads);
  }

  private static InputException misspelt(SparkSession session, String sql, Exception error) {
    StringBuilder help = new StringBuilder("Views: ").append(String.join(", ", Views.names()));
    for (String view : Views.names()) {
      if (Pattern.compile("(?i)\\b" + view + "\\b").matcher(sql).find()) {
        help.append("\n  columns of ").append(view).append(": ");
        help.append(String.join(", ", List.of(session.table(view).columns())));
      }
    }
    return new InputException("SQL", QueryErrors.firstLine(error), help.toString(), error);
  }
}
