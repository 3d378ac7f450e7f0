package dev.assay.jobs.steps.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.assay.InputException;
import dev.assay.checkpoint.ByteSource;
import dev.assay.checkpoint.Folder;
import dev.assay.export.DenseExport;
import dev.assay.jobs.BuildInfo;
import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.jobs.pool.TaskPool;
import dev.assay.jobs.steps.evaluate.MakeArtifact;
import dev.assay.jobs.store.ContentFolder;
import dev.assay.jobs.store.EffectiveWeights;
import dev.assay.jobs.store.FactorStore;
import dev.assay.jobs.store.WholeDirectory;
import dev.assay.jobs.tables.ModelMetricsRow;
import dev.assay.plan.Cell;
import dev.assay.plan.Ids;
import dev.assay.plan.Member;
import dev.assay.plan.Trial;
import dev.assay.recipe.Need;
import dev.assay.stats.FisherFile;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Writes a compressed model that a sweep has measured as a Hugging Face directory.
 *
 * <p>Effective weights are those that evaluation uses: decoded from artifacts, which tasks make
 * first where they are missing. The driver then writes tensor by tensor, so its memory is that of
 * the largest matrix; it reads everything back before the directory gets its name.
 */
public final class ModelExport {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String DESCRIPTION = "assay.json";
  private static final String MODULES = "modules.json";

  /** A folder of Sentence Transformers with the settings of one module. */
  private static final Pattern MODULE = Pattern.compile("[0-9]+_[A-Za-z]+");

  private final SparkSession session;
  private final Request request;
  private final PrintStream log;

  /**
   * Prepares an export.
   *
   * @param log where it is said what takes time
   */
  public ModelExport(SparkSession session, Request request, PrintStream log) {
    this.session = session;
    this.request = request;
    this.log = log;
  }

  /**
   * What to export.
   *
   * @param out the sweeps' output folder, or the folder of one sweep
   * @param recipe the recipe in full, as tables and reports call it
   * @param to the directory to be
   * @param sweep the sweep, where the output holds several
   * @param modelName the model, where the sweep has several
   * @param model where the checkpoint lies, if elsewhere than when it was swept
   */
  public record Request(
      String out,
      String recipe,
      String to,
      Optional<String> sweep,
      Optional<String> modelName,
      Optional<String> model) {}

  /**
   * What was written.
   *
   * @param directory full path, with its scheme
   * @param files names of all files, with their folders
   * @param recipe the recipe's label
   * @param matrices how many matrices hold effective weights
   * @param tensors how many tensors there are in all
   * @param types the types effective weights were rounded to, sorted
   * @param bytes size of the file with the weights
   * @param size what the compressed model would take
   * @param python an expression of Python that loads it, from a local folder of its name where it
   *     is not local itself
   */
  public record Summary(
      Path directory,
      List<String> files,
      String recipe,
      int matrices,
      int tensors,
      List<String> types,
      long bytes,
      ModelMetricsRow.Size size,
      String python) {
    /** Whether programs that know local files only can read it. */
    public boolean local() {
      return WholeDirectory.isLocal(directory);
    }

    /** The directory's path as the user knows it. */
    public String path() {
      return WholeDirectory.shown(directory);
    }
  }

  /**
   * Writes the directory.
   *
   * @throws InputException if the request does not name one measured model, its checkpoint has
   *     changed, or the directory exists; nothing is left behind
   * @throws IOException if a file system fails, or what is read back is not what was written
   */
  public Summary run() throws IOException {
    Configuration conf = session.sparkContext().hadoopConfiguration();
    try (WholeDirectory directory = WholeDirectory.at(request.to(), conf)) {
      RecordedTrial found = RecordedTrial.find(session, request, log);
      Trial trial = found.trial();
      DenseExport export =
          DenseExport.of(
              found.folder(),
              found.checkpoint(),
              trial.cells().stream()
                  .flatMap(cell -> cell.unit().members().stream())
                  .map(Member::weight)
                  .toList());
      EffectiveWeights weights = weights(found, conf);
      directory.begin();
      makeMissing(trial, weights, conf);
      Map<String, Cell> cells =
          trial.cells().stream()
              .collect(Collectors.toMap(cell -> cell.unit().matrix().name(), cell -> cell));
      DenseExport.EffectiveWeights effective =
          tensor -> weights.compressed(cells.get(tensor.name()), conf).decode();

      for (Map.Entry<String, byte[]> made : export.made().entrySet()) {
        directory.write(made.getKey(), out -> out.write(made.getValue()));
      }
      directory.write(
          DenseExport.WEIGHTS, out -> export.writeWeights(out, effective, metadata(found)));
      directory.write(DESCRIPTION, out -> out.write(description(found)));
      for (String file : export.copied()) {
        directory.copy(found.folder(), file, file);
      }
      if (export.copied().contains(MODULES)) {
        copyModules(directory, found.folder(), conf);
      }
      Folder written = HadoopFolder.open(directory.path(), conf);
      export.verify(written, effective);
      long bytes;
      try (ByteSource source = written.open(DenseExport.WEIGHTS)) {
        bytes = source.length();
      }
      Path published = directory.publish();
      return new Summary(
          published,
          directory.files(),
          trial.name(),
          cells.size(),
          export.tensors(),
          types(trial),
          bytes,
          found.size(),
          export.python(
              WholeDirectory.isLocal(published)
                  ? WholeDirectory.shown(published)
                  : published.getName()));
    }
  }

  private static EffectiveWeights weights(RecordedTrial found, Configuration conf)
      throws IOException {
    Path out = found.sweep().out();
    String sweep = found.sweep().name();
    return new EffectiveWeights(
        HadoopFolder.qualified(found.settings().model(), conf),
        FactorStore.of(out, sweep),
        found.statistics(),
        EffectiveWeights.artifacts(out, sweep),
        found.settings().seed());
  }

  private void makeMissing(Trial trial, EffectiveWeights weights, Configuration conf)
      throws IOException {
    List<Cell> missing = new ArrayList<>();
    for (Cell cell : trial.cells()) {
      if (!weights.artifacts().holds(cell.id(), conf)) {
        checkKnowledge(cell, weights, conf);
        missing.add(cell);
      }
    }
    if (missing.isEmpty()) {
      return;
    }
    log.printf(
        Locale.ROOT, "Making %,d of %,d matrices again%n", missing.size(), trial.cells().size());
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    new TaskPool(spark)
        .run(
            "make " + missing.size() + " matrices of " + trial.name(),
            missing,
            new MakeArtifact(weights, SerializableConfiguration.broadcast(spark.sc())),
            (cell, name) -> {},
            () -> true);
  }

  /** What a matrix cannot be made again without. */
  private static void checkKnowledge(Cell cell, EffectiveWeights weights, Configuration conf)
      throws IOException {
    Member matrix = cell.unit().matrix();
    if (cell.factorization().needed()) {
      String id = cell.factorization().id(matrix.weight(), weights.userSeed());
      check(weights.factors().files(), id, matrix, conf);
    }
    if (cell.needs(Need.STATISTICS)) {
      check(weights.statistics().files(), matrix.input(), matrix, conf);
    }
    if (cell.needs(Need.FISHER)) {
      check(weights.statistics().files(), FisherFile.name(matrix.name()), matrix, conf);
    }
  }

  private static void check(ContentFolder folder, String id, Member matrix, Configuration conf)
      throws IOException {
    if (!folder.exists(id, conf)) {
      throw new InputException(
          folder.folder() + "/" + id + ".safetensors",
          "It is gone, as is the artifact, of " + matrix.name(),
          "Restore it, or sweep the recipe again under another sweep name");
    }
  }

  private static void copyModules(WholeDirectory directory, Folder model, Configuration conf)
      throws IOException {
    Path path = new Path(model.path());
    for (FileStatus child : path.getFileSystem(conf).listStatus(path)) {
      String name = child.getPath().getName();
      if (child.isDirectory() && MODULE.matcher(name).matches()) {
        Folder module = HadoopFolder.open(child.getPath().toString(), conf);
        for (String file : module.files()) {
          directory.copy(module, file, name + "/" + file);
        }
      }
    }
  }

  /** SHA-256 over the ids of a trial's cells. */
  private static String digest(Trial trial) {
    return Ids.of(
        Map.of("kind", "cells", "cells", trial.cells().stream().map(Cell::id).sorted().toList()));
  }

  private static Map<String, String> metadata(RecordedTrial found) {
    Map<String, String> metadata = new HashMap<>();
    metadata.put("assay.recipe", found.trial().name());
    metadata.put("assay.sweep", found.sweep().name());
    metadata.put("assay.model", found.settings().modelName());
    metadata.put("assay.cells", digest(found.trial()));
    return metadata;
  }

  private static byte[] description(RecordedTrial found) {
    Trial trial = found.trial();
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("assay_version", BuildInfo.read().version());
    json.put("sweep", found.sweep().name());
    json.put("model", found.settings().modelName());
    json.put("recipe", trial.name());
    if (trial.origin() == Trial.Origin.UNIFORM) {
      json.set("stages", JSON.valueToTree(trial.cells().get(0).recipe().recipe().canonical()));
    } else {
      Map<String, String> recipes = new TreeMap<>();
      trial.cells().forEach(cell -> recipes.put(cell.unit().name(), cell.recipe().label()));
      json.set("recipes", JSON.valueToTree(recipes));
    }
    json.put("seed", found.settings().seed());
    json.put("effective_bits", found.size().effectiveBits());
    json.put("model_bits", found.size().modelBits());
    json.put("cells_sha256", digest(trial));
    Map<String, String> ids = new TreeMap<>();
    trial.cells().forEach(cell -> ids.put(cell.unit().name(), cell.id()));
    json.set("cells", JSON.valueToTree(ids));
    try {
      return (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n")
          .getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A tree of numbers and texts is always JSON", e);
    }
  }

  private static List<String> types(Trial trial) {
    return trial.cells().stream()
        .flatMap(cell -> cell.unit().members().stream())
        .map(member -> member.weight().dtype().name())
        .distinct()
        .sorted()
        .toList();
  }
}
