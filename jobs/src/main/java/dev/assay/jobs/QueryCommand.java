package dev.assay.jobs;

import dev.assay.InputException;
import dev.assay.jobs.tables.sql.Format;
import dev.assay.jobs.tables.sql.SqlCommand;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
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
  private static final String FILE = "file=";
  private static final String EXAMPLE =
      "Name a file with one statement, such as file=notebooks-export/what-failed.sql";

  @Parameters(index = "0", paramLabel = "OUT", description = "folder with results")
  private String out;

  @Parameters(
      index = "1",
      paramLabel = "SELECT|file=QUESTION.sql",
      description = "a statement over the views, one for each table and results, or its file")
  private String question;

  @Parameters(
      index = "2..*",
      paramLabel = "format=table|csv|json",
      description = "how to print; table if not given")
  private List<String> options = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    Format format = format();
    String statement =
        question.startsWith(FILE) ? content(question.substring(FILE.length())) : question;
    try (SparkSession session = SparkSession.builder().getOrCreate()) {
      session.sparkContext().setLogLevel("OFF"); // whatever goes wrong ends in one error
      new SqlCommand(System.out, System.err).run(session, out, statement, format);
    }
    return Main.OK;
  }

  private static String content(String file) {
    try {
      String statement = Files.readString(Path.of(file));
      if (statement.isBlank()) {
        throw new InputException(file, "the file holds no statement", EXAMPLE);
      }
      return statement;
    } catch (MalformedInputException e) {
      throw new InputException(file, "is not text in UTF-8", EXAMPLE, e);
    } catch (NoSuchFileException | InvalidPathException e) {
      throw new InputException(file, "there is no such file", EXAMPLE, e);
    } catch (IOException e) {
      throw new InputException(file, "cannot be read (" + e + ")", EXAMPLE, e);
    }
  }

  private Format format() {
    Format format = Format.TABLE;
    for (String option : options) {
      if (!option.startsWith("format=")) {
        throw new InputException(
            "sql",
            "'" + option + "' is not understood",
            "Quote the statement, or give file=QUESTION.sql; add format=csv");
      }
      format = Format.parse(option.substring("format=".length()));
    }
    return format;
  }
}
