package dev.assay.jobs;

import dev.assay.InputException;
import dev.assay.jobs.tables.Format;
import dev.assay.jobs.tables.SqlCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code sql}: a question about the tables, answered on standard output. */
@Command(
    name = "sql",
    description = "Queries the tables under OUT with Spark SQL; prints nothing but data.",
    mixinStandardHelpOptions = true)
final class QueryCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "OUT", description = "folder with results")
  private String out;

  @Parameters(
      index = "1",
      paramLabel = "SELECT",
      description = "a statement over the views runs, cells, layer_metrics, spectrum, results")
  private String statement;

  @Parameters(
      index = "2..*",
      paramLabel = "format=table|csv|json",
      description = "how to print; table if not given")
  private List<String> options = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    Format format = format();
    try (SparkSession session = SparkSession.builder().getOrCreate()) {
      new SqlCommand(System.out, System.err).run(session, out, statement, format);
    }
    return Main.OK;
  }

  private Format format() {
    Format format = Format.TABLE;
    for (String option : options) {
      if (!option.startsWith("format=")) {
        throw new InputException(
            "sql", "'" + option + "' is not understood", "Quote the statement; add format=csv");
      }
      format = Format.parse(option.substring("format=".length()));
    }
    return format;
  }
}
