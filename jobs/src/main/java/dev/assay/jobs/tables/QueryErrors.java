package dev.assay.jobs.tables;

import dev.assay.InputException;
import java.io.FileNotFoundException;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.SparkThrowable;

/** Turns what Spark throws for bad input into the one error for bad input. */
public final class QueryErrors {
  private static final String UNREADABLE_FILE = "FAILED_READ_FILE";
  private static final String MISSING_FILE = UNREADABLE_FILE + ".FILE_NOT_EXIST";

  /**
   * SQLSTATE class of errors that the data and the query make together: division by zero, casts.
   */
  private static final String DATA_EXCEPTION = "22";

  private QueryErrors() {}

  /**
   * The error to throw in place of one that came up while reading tables: an {@link InputException}
   * naming the file for a damaged file, or the problem for a value the query cannot work with, and
   * the error itself for anything else.
   */
  public static RuntimeException translate(Exception error) {
    return missingFile(error)
        .or(() -> damagedFile(error))
        .or(() -> badValue(error))
        .orElseGet(
            () ->
                error instanceof RuntimeException unchecked
                    ? unchecked
                    : new IllegalStateException(firstLine(error), error));
  }

  /** Whether a file that was listed was gone when it was to be read. */
  public static boolean isMissingFile(Throwable error) {
    return !(error instanceof InputException)
        && causes(error)
            .anyMatch(
                cause ->
                    condition(cause).equals(MISSING_FILE)
                        || cause instanceof FileNotFoundException
                        || cause instanceof NoSuchFileException);
  }

  private static Optional<RuntimeException> missingFile(Throwable error) {
    return isMissingFile(error)
        ? Optional.of(
            new InputException(
                "tables",
                "a file was removed while it was read (" + lastLine(error) + ")",
                "Ask again; a larger grace=… of compact leaves merged files longer",
                error))
        : Optional.empty();
  }

  private static String lastLine(Throwable error) {
    return firstLine(causes(error).reduce((first, second) -> second).orElse(error));
  }

  public static InputException damaged(String file, String problem, Throwable cause) {
    return new InputException(
        file,
        "this table's file is damaged: " + problem,
        "Restore it from a copy, or delete it; what it held is computed again by the next sweep",
        cause);
  }

  /** The first line of an error, without Spark's error class and SQLSTATE. */
  public static String firstLine(Throwable error) {
    String message = error.getMessage() == null ? error.toString() : error.getMessage();
    return message
        .lines()
        .filter(line -> !line.isBlank())
        .findFirst()
        .orElse(message)
        .replaceFirst("^\\[[A-Z0-9_.]+]\\s*", "")
        .replaceFirst("\\s*SQLSTATE: \\w+", "")
        .replaceFirst("[.;]\\s*(?=$|\\(line)", " ")
        .trim();
  }

  private static Optional<RuntimeException> damagedFile(Throwable error) {
    return causes(error)
        .filter(cause -> condition(cause).startsWith(UNREADABLE_FILE))
        .findFirst()
        .map(
            cause -> {
              Map<String, String> parameters = ((SparkThrowable) cause).getMessageParameters();
              Throwable root = causes(cause).reduce((first, second) -> second).orElse(cause);
              return damaged(parameters.getOrDefault("path", "?"), firstLine(root), error);
            });
  }

  private static Optional<RuntimeException> badValue(Throwable error) {
    return causes(error)
        .filter(cause -> sqlState(cause).startsWith(DATA_EXCEPTION))
        .findFirst()
        .map(
            cause ->
                new InputException(
                    "SQL", firstLine(cause), "Change the query, for example with try_cast", error));
  }

  private static Stream<Throwable> causes(Throwable error) {
    return Stream.iterate(error, cause -> cause != null, Throwable::getCause).limit(100);
  }

  private static String condition(Throwable error) {
    return error instanceof SparkThrowable spark && spark.getCondition() != null
        ? spark.getCondition()
        : "";
  }

  private static String sqlState(Throwable error) {
    return error instanceof SparkThrowable spark && spark.getSqlState() != null
        ? spark.getSqlState()
        : "";
  }
}
