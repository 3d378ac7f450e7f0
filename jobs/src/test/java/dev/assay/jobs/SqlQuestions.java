package dev.assay.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.jobs.tables.read.Views;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The questions of {@code notebooks-export}, asked of an output in Spark and in DuckDB. */
public final class SqlQuestions {
  static final Path FOLDER = Repository.ROOT.resolve("notebooks-export");
  private static final String VIEWS = "duckdb-views.sql";

  private final SparkSession spark;
  private final Path out;
  private final Map<String, List<Map<String, Object>>> answers = new HashMap<>();

  private SqlQuestions(SparkSession spark, Path out) {
    this.spark = spark;
    this.out = out;
  }

  /** Of an output folder, or of one sweep's. */
  public static SqlQuestions of(Path out) {
    SparkSession session = LocalSpark.session().newSession();
    Views.register(session, out.toString());
    return new SqlQuestions(session, out);
  }

  /** Names of the files that hold a question. */
  static List<String> names() {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".sql") && !name.equals(VIEWS))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The answer, which both engines must give alike, in its order. */
  List<Map<String, Object>> answer(String name) {
    return answers.computeIfAbsent(name, this::ask);
  }

  private List<Map<String, Object>> ask(String name) {
    List<Map<String, Object>> answer = inDuckDb(name);
    List<Map<String, Object>> again = inSpark(name);
    assertThat(again).as("rows of %s", name).hasSameSizeAs(answer);
    for (int i = 0; i < answer.size(); i++) {
      assertThat(again.get(i)).as("row %d of %s", i, name).satisfies(like(answer.get(i)));
    }
    return answer;
  }

  private static Consumer<Map<String, Object>> like(Map<String, Object> row) {
    return other -> {
      assertThat(other.keySet()).containsExactlyElementsOf(row.keySet());
      row.forEach(
          (column, value) -> {
            Object given = other.get(column);
            boolean alike =
                (value instanceof Double real && given instanceof Double also)
                    ? near(real, also)
                    : Objects.equals(value, given);
            assertThat(alike).as("%s: %s in DuckDB, %s in Spark", column, value, given).isTrue();
          });
    };
  }

  /** Sums may be taken in another order. */
  private static boolean near(double a, double b) {
    return Double.compare(a, b) == 0 || Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));
  }

  private List<Map<String, Object>> inSpark(String name) {
    Dataset<Row> found = spark.sql(text(name));
    String[] columns = found.columns();
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Row row : found.collectAsList()) {
      Map<String, Object> values = new LinkedHashMap<>();
      for (int i = 0; i < columns.length; i++) {
        values.put(columns[i], plain(row.get(i)));
      }
      rows.add(Collections.unmodifiableMap(values));
    }
    return rows;
  }

  /** The answer that DuckDB gives. */
  List<Map<String, Object>> inDuckDb(String name) {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute("SET VARIABLE out = '" + out.toString().replace("'", "''") + "'");
      statement.execute(text(VIEWS));
      try (ResultSet found = statement.executeQuery(text(name))) {
        ResultSetMetaData columns = found.getMetaData();
        List<Map<String, Object>> rows = new ArrayList<>();
        while (found.next()) {
          Map<String, Object> values = new LinkedHashMap<>();
          for (int i = 1; i <= columns.getColumnCount(); i++) {
            values.put(columns.getColumnLabel(i), plain(found.getObject(i)));
          }
          rows.add(Collections.unmodifiableMap(values));
        }
        return rows;
      }
    } catch (SQLException e) {
      throw new AssertionError(name, e);
    }
  }

  /** Engines give whole numbers and times in types of their own. */
  private static Object plain(Object value) {
    if (value instanceof Integer number) {
      return number.longValue();
    }
    if (value instanceof Timestamp time) {
      return time.toInstant();
    }
    return value instanceof OffsetDateTime time ? time.toInstant() : value;
  }

  private static String text(String name) {
    try {
      return Files.readString(FOLDER.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
