package dev.assay.jobs;

import dev.assay.jobs.steps.export.ModelExport;
import java.util.ArrayList;
import java.util.List;
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
    KeyValues given = KeyValues.of("export", options, KEYS);
    return new ModelExport.Request(
        out,
        given.required("recipe", "recipe='rtn(bits=4, granularity=row)'"),
        given.required("to", "to=DIR"),
        given.value("sweep"),
        given.value("model-name"),
        given.value("model"));
  }
}
