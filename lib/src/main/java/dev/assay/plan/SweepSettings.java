package dev.assay.plan;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import dev.assay.InputException;
import dev.assay.calibrate.CalibrationSettings;
import dev.assay.config.Hocon;
import dev.assay.config.Settings;
import dev.assay.config.Suggestion;
import dev.assay.evaluate.EvaluationSettings;
import dev.assay.evaluate.TaskKind;
import dev.assay.evaluate.Tasks;
import dev.assay.linalg.FactorizerKind;
import dev.assay.model.Pooling;
import dev.assay.recipe.Methods;
import dev.assay.recipe.NamedRecipe;
import dev.assay.recipe.Need;
import dev.assay.recipe.RecipeGrid;
import dev.assay.task.Split;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A sweep's configuration, checked.
 *
 * @param sweep the sweep's name, a folder under {@code out}
 * @param model path of the checkpoint's folder
 * @param modelName the model's name in the tables
 * @param out path of the folder for results
 * @param filter which tensors
 * @param recipes the grid, distinct
 * @param factorizers which factorizer each matrix gets
 * @param seed seed of everything random
 * @param commitMillis how often results are published
 * @param retry which finished cells are computed again
 * @param failFast whether the first failed cell stops the sweep
 * @param evaluation what the compressed models are evaluated on
 * @param calibration what the statistics of the matrices' inputs are made from
 * @param comparisons which recipes are compared with each other
 * @param allocations the budgets that are allocated over the measured cells
 * @param selectionOverlap whether the overlap of what recipes protect is measured
 * @param resolved the whole configuration as JSON, as it was used
 */
public record SweepSettings(
    String sweep,
    String model,
    String modelName,
    String out,
    TensorFilter filter,
    List<NamedRecipe> recipes,
    FactorizerChoice factorizers,
    long seed,
    long commitMillis,
    Retry retry,
    boolean failFast,
    EvaluationSettings evaluation,
    CalibrationSettings calibration,
    List<Comparison> comparisons,
    List<Target> allocations,
    boolean selectionOverlap,
    String resolved) {

  private static final String AUTO = "auto";
  private static final String TASK = "task";
  private static final String DATA = "data";
  private static final String CALIBRATION_TASK = "calibration.task";
  private static final String CALIBRATION_DATA = "calibration.data";
  private static final Pattern SWEEP_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

  /**
   * Reads a configuration.
   *
   * @param file the parsed configuration file, empty if there is none
   * @param overrides {@code key=value} arguments, each HOCON; later ones win over earlier ones
   * @throws InputException if a key or value is wrong
   */
  public static SweepSettings read(Config file, List<String> overrides) {
    Config whole = Hocon.whole(file, overrides, SweepSettings.class);
    return of(calibratedAsTheFileSays(whole, file), Methods.builtIn());
  }

  /**
   * {@code task=} over a file with a task leaves out the evaluation; the texts that recipes are
   * calibrated on, and so the statistics that lie there, stay those of the file.
   */
  private static Config calibratedAsTheFileSays(Config whole, Config file) {
    boolean left = is(whole, TASK, String::isEmpty) && is(whole, CALIBRATION_TASK, String::isEmpty);
    if (!left || !is(file, TASK, task -> !task.isEmpty())) {
      return whole;
    }
    Config calibrated = whole.withValue(CALIBRATION_TASK, file.getValue(TASK));
    return is(whole, CALIBRATION_DATA, String::isEmpty)
        ? calibrated.withValue(CALIBRATION_DATA, whole.getValue(DATA))
        : calibrated;
  }

  /** Whether a key has such a text; what has another value is refused when it is read. */
  private static boolean is(Config config, String key, Predicate<String> wanted) {
    try {
      return config.hasPath(key) && wanted.test(config.getString(key));
    } catch (ConfigException e) {
      return false;
    }
  }

  /** The same, its {@link #resolved} configuration with what a key came to. */
  public SweepSettings resolving(String key, String value) {
    String more =
        ConfigFactory.parseString(resolved)
            .withValue(key, ConfigValueFactory.fromAnyRef(value))
            .root()
            .render(ConfigRenderOptions.concise());
    return with(recipes, comparisons, allocations, selectionOverlap, more);
  }

  private SweepSettings with(
      List<NamedRecipe> grid,
      List<Comparison> compared,
      List<Target> targets,
      boolean overlap,
      String configuration) {
    return new SweepSettings(
        sweep,
        model,
        modelName,
        out,
        filter,
        grid,
        factorizers,
        seed,
        commitMillis,
        retry,
        failFast,
        evaluation,
        calibration,
        compared,
        targets,
        overlap,
        configuration);
  }

  private static SweepSettings of(Config config, Methods methods) {
    Settings settings = Settings.of(config, "the sweep's configuration");
    String sweep = settings.text("sweep");
    if (!SWEEP_NAME.matcher(sweep).matches()) {
      throw settings.wrong(
          "sweep",
          sweep,
          "It names a folder, which readers take for a partition where it has a '=': use letters,"
              + " digits, '.', '_' and '-', a letter or digit first");
    }
    String model = settings.text("model");
    String modelName = settings.text("model-name");
    EvaluationSettings evaluation = evaluation(settings);
    List<NamedRecipe> recipes = RecipeGrid.expand(settings.blocks("recipes"), methods);
    if (recipes.isEmpty()) {
      throw settings.wrong("recipes", "[]", "Give at least one: recipes = [{method = rtn}]");
    }
    SweepSettings read =
        new SweepSettings(
            sweep,
            model,
            modelName.isEmpty() ? lastPart(model) : modelName,
            settings.text("out"),
            new TensorFilter(settings.texts("matrices"), settings.texts("exclude-matrices")),
            recipes,
            new FactorizerChoice(factorizer(settings), overrides(settings)),
            settings.longInteger("seed"),
            settings.millis("commit-interval"),
            settings.choice("retry", Retry.class),
            settings.flag("fail-fast"),
            evaluation,
            calibration(settings, evaluation),
            comparisons(settings, recipes, evaluation),
            Target.read(settings, recipes),
            selectionOverlap(settings, recipes),
            config.root().render(ConfigRenderOptions.concise()));
    settings.finish();
    read.refuseOutputErrorsThatNobodyMeasures(settings);
    return read;
  }

  private static EvaluationSettings evaluation(Settings settings) {
    String task = settings.text("task");
    if (!task.isEmpty() && !Tasks.names().contains(task)) {
      throw settings.wrong("task", task, Suggestion.of(task, Tasks.names()));
    }
    String split = settings.text("split");
    Split part =
        Split.named(split)
            .orElseThrow(() -> settings.wrong("split", split, Suggestion.of(split, Split.ids())));
    EvaluationSettings evaluation =
        new EvaluationSettings(
            task,
            settings.text("data"),
            part,
            settings.integer("evaluation-rows", 0, Integer.MAX_VALUE),
            settings.integer("max-length", 0, 1 << 20),
            pooling(settings),
            settings.text("prefix"),
            settings.flag("predictions"));
    boolean shipped = shipped(task);
    if (!task.isEmpty() && !shipped && evaluation.data().isEmpty()) {
      throw settings.wrong(
          "data", "\"\"", "Give the folder with the files of task " + task + ", data=DIR");
    }
    if (shipped && evaluation.rows() > 0) {
      throw settings.wrong(
          "evaluation-rows",
          Integer.toString(evaluation.rows()),
          "The " + task + " set is taken whole; leave it out, or choose a GLUE task");
    }
    return evaluation;
  }

  /** Whether a task's data comes with Assay. */
  private static boolean shipped(String task) {
    return Tasks.named(task).flatMap(TaskKind::shipped).isPresent();
  }

  private static boolean classifies(EvaluationSettings evaluation) {
    return Tasks.named(evaluation.task()).map(TaskKind::classifies).orElse(false);
  }

  private static Optional<Pooling> pooling(Settings settings) {
    String name = settings.text("pooling");
    Optional<Pooling> pooling = Pooling.named(name);
    if (pooling.isEmpty() && !name.equals(AUTO)) {
      List<String> names = new ArrayList<>(List.of(AUTO));
      names.addAll(Pooling.ids());
      throw settings.wrong("pooling", name, Suggestion.of(name, names));
    }
    return pooling;
  }

  /** The same sweep with one recipe of its grid, which asks for no more than that recipe needs. */
  public SweepSettings only(NamedRecipe recipe) {
    return with(List.of(recipe), List.of(), List.of(), false, resolved);
  }

  /** The same sweep with one of its allocations, and the recipes that it may choose from. */
  public SweepSettings only(Target allocation) {
    List<NamedRecipe> allowed = recipes.stream().filter(allocation::allows).toList();
    return with(allowed, List.of(), List.of(allocation), false, resolved);
  }

  private static List<Comparison> comparisons(
      Settings settings, List<NamedRecipe> recipes, EvaluationSettings evaluation) {
    List<Comparison> comparisons = Comparison.read(settings, recipes);
    if (!comparisons.isEmpty() && !classifies(evaluation)) {
      throw settings.wrong(
          "comparisons",
          comparisons.stream().map(Comparison::name).toList().toString(),
          "They count right and wrong answers: set task and data, a task with classes"
              + (evaluation.wanted()
                  ? "; the answers to " + evaluation.task() + " are scores"
                  : ""));
    }
    return comparisons;
  }

  private void refuseOutputErrorsThatNobodyMeasures(Settings settings) {
    allocations.stream()
        .filter(target -> target.objective() == Objective.OUTPUT_ERROR && !calibrated())
        .findFirst()
        .ifPresent(
            target -> {
              throw settings.wrong(
                  "allocations",
                  target.label(),
                  "It minimizes output-error, which is measured on calibration tokens: set"
                      + " calibration.use = always, or minimize = weight-error");
            });
  }

  private static boolean selectionOverlap(Settings settings, List<NamedRecipe> recipes) {
    boolean wanted = settings.flag("selection-overlap");
    if (wanted && !Overlap.any(recipes)) {
      throw settings.wrong(
          "selection-overlap",
          "true",
          "No two recipes protect as many entries by other scores; leave it out, or add such");
    }
    return wanted;
  }

  /** Whether the sweep is to have statistics of the matrices' inputs. */
  public boolean calibrated() {
    return calibration.wanted(firstThatNeeds(Need.STATISTICS).or(this::gradients).isPresent());
  }

  /** The first recipe that needs gradients of a task's loss, if any does. */
  public Optional<NamedRecipe> gradients() {
    return firstThatNeeds(Need.FISHER);
  }

  private Optional<NamedRecipe> firstThatNeeds(Need need) {
    return recipes.stream().filter(recipe -> recipe.recipe().needs().contains(need)).findFirst();
  }

  private static CalibrationSettings calibration(Settings settings, EvaluationSettings evaluation) {
    Settings block = Settings.of(settings.block("calibration", "use"), "calibration");
    String task = block.text("task");
    String source = task.isEmpty() ? evaluation.task() : task;
    Set<String> tasks = new TreeSet<>(Tasks.names());
    tasks.add(CalibrationSettings.TEXT);
    if (!source.isEmpty() && !tasks.contains(source)) {
      throw block.wrong("task", task, Suggestion.of(task, tasks));
    }
    String data = block.text("data");
    String split = block.text("split");
    CalibrationSettings calibration =
        new CalibrationSettings(
            block.choice("use", CalibrationSettings.Use.class),
            source,
            data.isEmpty() && (task.isEmpty() || task.equals(evaluation.task()))
                ? evaluation.data()
                : data,
            Split.named(split)
                .orElseThrow(() -> block.wrong("split", split, Suggestion.of(split, Split.ids()))),
            block.integer("sequences", 1, 1 << 20),
            block.integer("max-length", 0, 1 << 20),
            block.integer("rows", 0, 1 << 16),
            block.integer("window", 1, 1 << 10),
            settings.text("statistics"));
    block.finish();
    if (calibration.use() == CalibrationSettings.Use.ALWAYS
        && source.isEmpty()
        && calibration.supplied().isEmpty()) {
      throw block.wrong(
          "use", "always", "Say on what: calibration.task and calibration.data, or task and data");
    }
    if (!source.isEmpty() && !shipped(source) && calibration.data().isEmpty()) {
      throw block.wrong(
          "data", "\"\"", "Give the files of task " + source + ": calibration.data=DIR");
    }
    return calibration;
  }

  private static FactorizerKind factorizer(Settings settings) {
    String name = settings.text("factorizer");
    return FactorizerKind.named(name)
        .orElseThrow(
            () -> settings.wrong("factorizer", name, Suggestion.of(name, FactorizerKind.ids())));
  }

  private static List<FactorizerChoice.Override> overrides(Settings settings) {
    List<FactorizerChoice.Override> overrides = new ArrayList<>();
    for (ConfigObject block : settings.blocks("factorizer-overrides")) {
      Settings inner = Settings.of(block.toConfig(), "factorizer-overrides");
      overrides.add(new FactorizerChoice.Override(inner.texts("matrices"), factorizer(inner)));
      inner.finish();
    }
    return overrides;
  }

  private static String lastPart(String path) {
    String[] parts = path.split("/+", -1);
    for (int i = parts.length - 1; i >= 0; i--) {
      if (!parts[i].isEmpty()) {
        return parts[i];
      }
    }
    return path;
  }
}
