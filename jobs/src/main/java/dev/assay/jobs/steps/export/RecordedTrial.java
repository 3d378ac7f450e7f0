package dev.assay.jobs.steps.export;

import com.typesafe.config.ConfigUtil;
import dev.assay.InputException;
import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.Folder;
import dev.assay.config.Hocon;
import dev.assay.config.Suggestion;
import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.jobs.steps.allocate.AllocateStep;
import dev.assay.jobs.steps.evaluate.ModelSize;
import dev.assay.jobs.steps.identify.SweepInputs;
import dev.assay.jobs.store.StatisticsStore;
import dev.assay.jobs.tables.CellStatus;
import dev.assay.jobs.tables.ModelMetricsRow;
import dev.assay.jobs.tables.land.OutputFolder;
import dev.assay.jobs.tables.read.Progress;
import dev.assay.jobs.tables.read.RecordedSweep;
import dev.assay.jobs.tables.read.RecordedSweep.RecordedCell;
import dev.assay.plan.Cell;
import dev.assay.plan.Objective;
import dev.assay.plan.SweepSettings;
import dev.assay.plan.Target;
import dev.assay.plan.Trial;
import dev.assay.recipe.NamedRecipe;
import dev.assay.recipe.Need;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * A compressed model that a sweep has measured, found again from its tables: the cells that the
 * checkpoint gives today are those that the tables hold.
 *
 * @param sweep the sweep
 * @param settings how the newest run that had the recipe was asked for, of this recipe alone
 * @param folder the checkpoint's folder
 * @param checkpoint what it holds
 * @param statistics where the statistics are that the recipe needs, if any
 * @param trial each matrix with the one cell that stands for it
 * @param size what the model takes
 */
record RecordedTrial(
    RecordedSweep sweep,
    SweepSettings settings,
    Folder folder,
    Checkpoint checkpoint,
    StatisticsStore statistics,
    Trial trial,
    ModelMetricsRow.Size size) {
  private static final int SUGGESTIONS = 5;

  /**
   * Finds a trial.
   *
   * @param log where it is said what takes time
   * @throws InputException if the output holds no such sweep, model or recipe, or several; if the
   *     checkpoint is gone or was changed; if a cell failed or was not computed
   */
  static RecordedTrial find(SparkSession spark, ModelExport.Request request, PrintStream log)
      throws IOException {
    RecordedSweep sweep = sweep(spark, request);
    List<SweepSettings> runs =
        sweep.configurations(spark).stream().flatMap(RecordedTrial::readable).toList();
    SweepSettings settings = newest(runs, sweep, request);
    Configuration conf = spark.sparkContext().hadoopConfiguration();
    if (!OutputFolder.exists(conf, settings.model())) {
      throw new InputException(
          settings.model(),
          "The model that was swept is not there",
          "Restore it, or say where it lies with model=DIR");
    }
    Folder folder = HadoopFolder.open(settings.model(), conf);
    // Statistics are not looked for where the recipe makes no use of them.
    boolean calibrated = needsStatistics(settings);
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    SweepInputs inputs =
        (calibrated ? SweepInputs.open(settings, conf) : SweepInputs.ofWeights(settings, conf))
            .identified(context, SerializableConfiguration.broadcast(context.sc()), log);
    Checkpoint checkpoint = inputs.checkpoint();
    StatisticsStore statistics = inputs.statistics();
    Trial trial = trial(spark, settings, sweep, inputs);
    Map<String, Long> measured = Progress.storedBytes(spark, sweep.folder());
    List<String> ids = trial.cells().stream().map(Cell::id).toList();
    List<RecordedCell> recorded =
        sweep.cells(spark, ids, settings.modelName(), request.recipe()).stream()
            .filter(cell -> cell.status() == CellStatus.FAILED || measured.containsKey(cell.id()))
            .toList();
    checkCells(trial, recorded, settings, sweep);
    return new RecordedTrial(
        sweep,
        settings,
        folder,
        checkpoint,
        statistics,
        trial,
        ModelSize.of(checkpoint, measured).of(trial));
  }

  /** Whether what is asked for cannot be found or made again without. */
  private static boolean needsStatistics(SweepSettings settings) {
    return settings.allocations().stream()
            .anyMatch(target -> target.objective() == Objective.OUTPUT_ERROR)
        || settings.recipes().stream()
            .map(recipe -> recipe.recipe().needs())
            .anyMatch(needs -> needs.contains(Need.STATISTICS) || needs.contains(Need.FISHER));
  }

  /** The recipe's trial, or what the budget that was asked for comes to. */
  private static Trial trial(
      SparkSession spark, SweepSettings settings, RecordedSweep sweep, SweepInputs inputs) {
    if (settings.allocations().isEmpty()) {
      return inputs.plan().trials().get(0);
    }
    AllocateStep step =
        new AllocateStep(
            settings.allocations(), inputs.plan(), inputs.statisticsIds(), spark, sweep.folder());
    step.allocate(
        why -> {
          throw new InputException(
              settings.model(),
              "Is not allocated: " + why,
              "Run the sweep again; if the files were changed since, it is another model");
        });
    Trial allocated = step.allocated().get(0).trial();
    if (step.due()) {
      throw new InputException(
          "recipe=" + allocated.name(),
          "The cells that are measured now come to another allocation than was evaluated",
          "Run the sweep again");
    }
    allocated.cells().forEach(cell -> refuseRoundedInputs(cell.recipe()));
    return allocated;
  }

  private static RecordedSweep sweep(SparkSession spark, ModelExport.Request request) {
    List<RecordedSweep> sweeps = RecordedSweep.under(spark, request.out());
    if (sweeps.isEmpty()) {
      throw new InputException(
          request.out(),
          "No sweep has written here",
          "Name the folder a sweep wrote to, its out=…");
    }
    return chosen(
        sweeps.stream().collect(Collectors.toMap(RecordedSweep::name, Function.identity())),
        request.sweep(),
        request.out(),
        "sweep");
  }

  /** A configuration of another version of Assay may not be one of this. */
  private static Stream<SweepSettings> readable(String configuration) {
    try {
      return Stream.of(SweepSettings.read(Hocon.parse(configuration, "table runs"), List.of()));
    } catch (InputException e) {
      return Stream.empty();
    }
  }

  private static SweepSettings newest(
      List<SweepSettings> runs, RecordedSweep sweep, ModelExport.Request request) {
    if (runs.isEmpty()) {
      throw new InputException(
          sweep.folder(),
          "No run's configuration can be read by this version of Assay",
          "Run the sweep again");
    }
    Map<String, List<SweepSettings>> byModel = new LinkedHashMap<>();
    runs.forEach(
        run -> byModel.computeIfAbsent(run.modelName(), name -> new ArrayList<>()).add(run));
    List<SweepSettings> ofModel =
        chosen(byModel, request.modelName(), sweep.folder(), "model-name");
    for (SweepSettings run : ofModel) {
      for (NamedRecipe recipe : run.recipes()) {
        if (isCalled(request.recipe(), recipe)) {
          refuseRoundedInputs(recipe);
          return here(run, sweep, request).only(recipe);
        }
      }
      for (Target target : run.allocations()) {
        if (target.label().equals(request.recipe())) {
          return here(run, sweep, request).only(target);
        }
      }
    }
    throw unknown(request, ofModel);
  }

  private static void refuseRoundedInputs(NamedRecipe recipe) {
    if (recipe.recipe().roundsInputs()) {
      throw new InputException(
          "recipe=" + recipe.label(),
          "It rounds the inputs of the linears too, which a directory of dense weights cannot do:"
              + " it would not answer as was measured",
          "Sweep and export the recipe with activation-bits = 16");
    }
  }

  /** The run as it would be asked for where model and results are now. */
  private static SweepSettings here(
      SweepSettings run, RecordedSweep sweep, ModelExport.Request request) {
    return SweepSettings.read(
        Hocon.parse(run.resolved(), "table runs"),
        List.of(
            "model=" + ConfigUtil.quoteString(request.model().orElse(run.model())),
            "model-name=" + ConfigUtil.quoteString(run.modelName()),
            "out=" + ConfigUtil.quoteString(sweep.out().toString()),
            "sweep=" + ConfigUtil.quoteString(sweep.name())));
  }

  /** The one that was asked for, or the only one. */
  private static <T> T chosen(
      Map<String, T> all, Optional<String> wanted, String where, String key) {
    String names = String.join(", ", new TreeSet<>(all.keySet()));
    if (wanted.isPresent()) {
      T found = all.get(wanted.get());
      if (found == null) {
        throw new InputException(
            where,
            "Holds no " + key + "=" + wanted.get(),
            Suggestion.of(wanted.get(), all.keySet()));
      }
      return found;
    }
    if (all.size() > 1) {
      throw new InputException(
          where, "Holds several: " + names, "Say which, with " + key + "=NAME");
    }
    return all.values().iterator().next();
  }

  private static boolean isCalled(String name, NamedRecipe recipe) {
    return recipe.label().equals(name) || recipe.aliases().contains(name);
  }

  private static InputException unknown(ModelExport.Request request, List<SweepSettings> runs) {
    List<String> names =
        runs.stream()
            .flatMap(run -> run.recipes().stream())
            .flatMap(recipe -> Stream.concat(Stream.of(recipe.label()), recipe.aliases().stream()))
            .distinct()
            .collect(Collectors.toCollection(ArrayList::new));
    runs.stream().flatMap(run -> run.allocations().stream()).map(Target::label).forEach(names::add);
    return new InputException(
        "recipe=" + request.recipe(),
        "The sweep has no such recipe among its " + names.size(),
        "Nearest are '"
            + String.join("', '", Suggestion.nearest(request.recipe(), names, SUGGESTIONS))
            + "'; all: ./submit.sh sql "
            + request.out()
            + " \"SELECT DISTINCT label FROM cells\"");
  }

  private static void checkCells(
      Trial trial, List<RecordedCell> recorded, SweepSettings settings, RecordedSweep sweep) {
    Map<String, RecordedCell> byId =
        recorded.stream().collect(Collectors.toMap(RecordedCell::id, Function.identity()));
    int total = trial.cells().size();
    List<String> missing = new ArrayList<>();
    List<RecordedCell> failed = new ArrayList<>();
    for (Cell planned : trial.cells()) {
      RecordedCell cell = byId.get(planned.id());
      if (cell == null) {
        missing.add(planned.unit().name());
      } else if (cell.status() == CellStatus.FAILED) {
        failed.add(cell);
      }
    }
    long under =
        missing.stream()
            .filter(name -> recorded.stream().anyMatch(cell -> cell.unit().equals(name)))
            .count();
    String recipe = "recipe=" + trial.name();
    if (under > 0) {
      throw new InputException(
          settings.model(),
          "Is not the model that was measured: "
              + under
              + " of the "
              + total
              + " cells of "
              + trial.name()
              + " have other ids in the sweep, as after a change of the files",
          "Restore the files, or run the sweep again");
    }
    if (!failed.isEmpty()) {
      throw new InputException(
          recipe,
          failed.size()
              + " of its "
              + total
              + " cells failed, "
              + failed.get(0).unit()
              + " among them: "
              + failed.get(0).error(),
          "Choose another recipe, or exclude those matrices from the sweep");
    }
    if (!missing.isEmpty()) {
      throw new InputException(
          recipe,
          missing.size()
              + " of its "
              + total
              + " cells are not computed yet, "
              + missing.get(0)
              + " among them",
          "Run sweep " + sweep.name() + " to its end");
    }
  }
}
