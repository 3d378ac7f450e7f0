package dev.assay.jobs;

import dev.assay.InputException;
import dev.assay.config.Suggestion;
import dev.assay.jobs.steps.ModelExport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code export}: a compressed model for Transformers. */
@Command(
    name = "export",
    description =
        "Writes a model that a sweep has compressed as a Hugging Face directory of dense weights.",
    mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {
  private static final List<String> KEYS = List.of("recipe", "to", "sweep", "model-name", "model");

  @Parameters(index = "0", paramLabel = "OUT", description = "folder with results")
  private String out;

  @Parameters(
      index = "1..*",
      paramLabel = "KEY=VALUE",
      description = {
        "recipe=NAME      as the sweep's report prints it, quoted for the shell (required)",
        "to=DIR           directory to write, which must not exist (required)",
        "sweep=NAME       which sweep, where OUT holds several",
        "model-name=NAME  which model, where the sweep has several",
        "model=DIR        where the checkpoint lies, if it was moved since"
      })
  private List<String> options = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    ModelExport.Request request = request();
    try (SparkSession session = SparkSession.builder().getOrCreate()) {
      ExportReport.print(new ModelExport(session, request, System.err).run(), System.out);
    }
    return Main.OK;
  }

  private ModelExport.Request request() {
    Map<String, String> values = new HashMap<>();
    for (String option : options) {
      int equals = option.indexOf('=');
      String key = equals < 0 ? option : option.substring(0, equals);
      if (!KEYS.contains(key)) {
        throw new InputException(
            "export", "'" + option + "' is not understood", Suggestion.of(key, KEYS));
      }
      String value = equals < 0 ? "" : option.substring(equals + 1).strip();
      if (value.isEmpty()) {
        throw new InputException("export", key + " has no value", "Write " + key + "=VALUE");
      }
      values.put(key, value);
    }
    return new ModelExport.Request(
        out,
        required(values, "recipe", "recipe='rtn(bits=4, granularity=row)'"),
        required(values, "to", "to=DIR"),
        Optional.ofNullable(values.get("sweep")),
        Optional.ofNullable(values.get("model-name")),
        Optional.ofNullable(values.get("model")));
  }

  private static String required(Map<String, String> values, String key, String example) {
    String value = values.get(key);
    if (value == null) {
      throw new InputException("export", key + " is missing", "Add it, as in " + example);
    }
    return value;
  }
}
