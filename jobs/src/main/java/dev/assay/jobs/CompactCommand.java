package dev.assay.jobs;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import dev.assay.InputException;
import dev.assay.jobs.tables.compact.Compactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code compact}: few files in place of many. */
@Command(
    name = "compact",
    description =
        "Merges the many small files of tables into few, and removes what killed runs have left.",
    mixinStandardHelpOptions = true)
final class CompactCommand implements Callable<Integer> {
  private static final List<String> KEYS = List.of("sweep", "grace", "older-than");

  @Parameters(index = "0", paramLabel = "OUT", description = "folder with results")
  private String out;

  @Parameters(
      index = "1..*",
      paramLabel = "KEY=VALUE",
      description = {
        "sweep=NAME      the only sweep to take; all of OUT if not given",
        "grace=30s       how long merged files stay for readers that have listed them",
        "older-than=24h  leftovers of runs that have not said how they ended are removed",
        "                when nothing has changed in them for so long"
      })
  private List<String> options = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    Compactor.Request request = request();
    try (SparkSession session = SparkSession.builder().getOrCreate()) {
      boolean clean = new Compactor(session, request, System.out, System.err).run();
      return clean ? Main.OK : Main.FAILURE;
    }
  }

  private Compactor.Request request() {
    KeyValues given = KeyValues.of("compact", options, KEYS);
    return new Compactor.Request(
        out, given.value("sweep"), time(given, "grace", "30s"), time(given, "older-than", "24h"));
  }

  private static Duration time(KeyValues given, String key, String usual) {
    String value = given.value(key).orElse(usual);
    try {
      Duration time = ConfigFactory.parseMap(Map.of(key, value)).getDuration(key);
      if (!time.isNegative()) {
        return time;
      }
    } catch (ConfigException e) {
      throw new InputException("compact", key + "=" + value + " is no time", example(key), e);
    }
    throw new InputException("compact", key + "=" + value + " is negative", example(key));
  }

  private static String example(String key) {
    return "Write it as in " + key + "=90s, 10m or 24h";
  }
}
