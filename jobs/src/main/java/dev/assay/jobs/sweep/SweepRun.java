package dev.assay.jobs.sweep;

import dev.assay.checkpoint.Checkpoint;
import dev.assay.checkpoint.LeftOut;
import dev.assay.jobs.cluster.HadoopFolder;
import dev.assay.jobs.run.Heap;
import dev.assay.jobs.run.Heartbeat;
import dev.assay.jobs.run.ModelLabels;
import dev.assay.jobs.run.ProgressLine;
import dev.assay.jobs.run.RecordedRun;
import dev.assay.jobs.run.RunRecord;
import dev.assay.jobs.run.SweepContext;
import dev.assay.jobs.run.Tally;
import dev.assay.jobs.run.Terminal;
import dev.assay.jobs.steps.allocate.AllocateStep;
import dev.assay.jobs.steps.calibrate.CalibrateStep;
import dev.assay.jobs.steps.calibrate.Calibration;
import dev.assay.jobs.steps.calibrate.GradientStep;
import dev.assay.jobs.steps.compare.CompareStep;
import dev.assay.jobs.steps.compress.CompressStep;
import dev.assay.jobs.steps.evaluate.EvaluateStep;
import dev.assay.jobs.steps.evaluate.ModelSize;
import dev.assay.jobs.steps.evaluate.Questions;
import dev.assay.jobs.steps.factorize.FactorStep;
import dev.assay.jobs.steps.factorize.Factorized;
import dev.assay.jobs.steps.identify.SweepInputs;
import dev.assay.jobs.steps.overlap.OverlapStep;
import dev.assay.jobs.store.EffectiveWeights;
import dev.assay.jobs.store.FactorStore;
import dev.assay.jobs.store.Scratch;
import dev.assay.jobs.store.StatisticsStore;
import dev.assay.jobs.tables.CellStatus;
import dev.assay.jobs.tables.land.Committer;
import dev.assay.jobs.tables.land.OutputFolder;
import dev.assay.jobs.tables.land.UniqueNames;
import dev.assay.jobs.tables.read.Progress;
import dev.assay.jobs.tables.read.RecordedSweep;
import dev.assay.plan.Cell;
import dev.assay.plan.Changes;
import dev.assay.plan.Member;
import dev.assay.plan.Plan;
import dev.assay.plan.Plan.FactorTask;
import dev.assay.plan.StatisticsIds;
import dev.assay.plan.SweepSettings;
import dev.assay.plan.Trial;
import dev.assay.plan.allocate.Allocated;
import dev.assay.recipe.Need;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * One execution of a sweep: plans, computes what is not there yet, and lands it.
 *
 * <p>Rows land while the sweep runs, so a killed run loses at most what came in since the last
 * commit, and the next one goes on from there.
 */
public final class SweepRun {
  private final SparkSession session;
  private final SweepSettings settings;
  private final PrintStream log;

  /**
   * Prepares a run.
   *
   * @param session the application's session
   * @param settings what to do
   * @param log where progress is reported
   */
  public SweepRun(SparkSession session, SweepSettings settings, PrintStream log) {
    this.session = session;
    this.settings = settings;
    this.log = log;
  }

  /**
   * How a run ended.
   *
   * @param runId the run
   * @param cells the plan's cells, by the labels that its recipes have now
   * @param trials the plan's trials, empty where nothing is evaluated
   * @param allocations what budgets came to, trials among the above where they are evaluated
   * @param comparisons ids of the plan's comparisons
   * @param leftOut the checkpoint's tensors that nothing computes with
   * @param before what was there when it began
   * @param done cells this run computed
   * @param failed cells that failed in this run
   * @param complete whether the run came to its end rather than stopping at a failure
   */
  public record Summary(
      String runId,
      List<Planned> cells,
      List<Planned> trials,
      List<PlannedAllocation> allocations,
      List<String> comparisons,
      List<LeftOut> leftOut,
      Tally before,
      long done,
      long failed,
      boolean complete) {
    /** Cells that have failed, in this run or before it. */
    public long allFailed() {
      return failed + before.failed();
    }
  }

  /**
   * Something planned. Tables keep the label that a recipe had when it was computed.
   *
   * @param id of a cell or trial
   * @param label its recipe's
   */
  public record Planned(String id, String label) {}

  /**
   * What a budget came to.
   *
   * @param id of the allocation
   * @param trialId of its model's answers, empty where nothing is evaluated
   */
  public record PlannedAllocation(String id, String trialId) {}

  /**
   * Runs the sweep.
   *
   * @throws dev.assay.InputException if model, output or recipes are wrong; nothing is written
   * @throws IOException if a file system fails
   */
  public Summary run() throws IOException {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    Configuration conf = spark.hadoopConfiguration();
    SweepInputs opened = SweepInputs.open(settings, conf);
    Plan outline = opened.plan();
    Heap.check(outline, opened.statistics().ids(), spark.getConf());
    Optional<Questions> unasked =
        settings.evaluation().wanted()
            ? Optional.of(Questions.open(settings, conf))
            : Optional.empty();
    Path out = OutputFolder.check(conf, settings.out());
    Path folder = new Path(out, settings.sweep());
    if (OutputFolder.exists(conf, folder.toString())) {
      OutputFolder.check(conf, folder.toString());
    }
    Broadcast<SerializableConfiguration> hadoop = SerializableConfiguration.broadcast(spark.sc());
    // Whatever is wrong was said by now: this reads all weights, unless they are known.
    SweepInputs inputs = opened.identified(spark, hadoop, log);
    Plan plan = opened.identified() ? outline : inputs.plan();
    Checkpoint checkpoint = inputs.checkpoint();
    Optional<Calibration> calibration = inputs.calibration();
    StatisticsStore statistics = inputs.statistics();
    Optional<Questions> questions = unasked.map(asked -> asked.of(checkpoint));
    Progress progress = Progress.read(session, folder.toString());
    Plan todo = plan.where(cell -> Tally.wanted(cell, progress, settings.retry()));
    Plan unmeasured = unmeasured(plan, progress, statistics, folder);
    AllocateStep allocate =
        new AllocateStep(
            settings.allocations(), plan, statistics.ids(), session, folder.toString());
    List<String> impossible = new ArrayList<>();
    boolean computed = todo.cells() == 0 && unmeasured.cells() == 0;
    if (computed) {
      allocate.allocate(impossible::add);
    }
    boolean allocates = allocate.due();
    boolean asked =
        questions.isPresent()
            && asked(questions.get(), plan, allocate, progress, folder.toString());
    Tally before = Tally.of(plan, progress, settings.retry());
    log.printf(
        Locale.ROOT,
        "Sweep %s: %,d cells on %d matrices of %s, %,d to compute%n",
        settings.sweep(),
        plan.cells(),
        plan.units().size(),
        settings.modelName(),
        todo.cells());
    SweepSettings resolved = questions.map(open -> open.resolve(settings)).orElse(settings);
    sayWhatChanged(folder, resolved);
    String runId = UniqueNames.run();
    // Factors whose spectrum is lost are made known again; those that failed are left alone.
    Plan settled = plan.where(cell -> progress.cells().get(cell.id()) != CellStatus.FAILED);
    boolean overlaps = overlaps(settled, statistics, folder.toString()).wanted();
    List<FactorTask> factors =
        Stream.concat(settled.factorTasks().stream(), todo.factorTasks().stream())
            .filter(task -> !progress.factors().contains(task.id()))
            .distinct()
            .toList();
    boolean nothing = computed && factors.isEmpty() && !allocates;
    if (nothing && !asked && !overlaps) {
      impossible.forEach(this::sayNotAllocated);
      return summary(runId, plan, allocate, checkpoint, questions, before, 0, 0, true);
    }
    try (Committer committer =
        Committer.open(conf, settings.out(), settings.sweep(), runId, Clock.systemUTC())) {
      Heartbeat heart =
          new Heartbeat(
              committer,
              new ProgressLine(log, Terminal.isThere(), System::nanoTime),
              Duration.ofMillis(settings.commitMillis()),
              settings.failFast(),
              System::nanoTime);
      // Beside every job in the Spark UI and in event logs.
      spark.setJobGroup(settings.sweep() + " " + runId, "sweep of " + settings.modelName());
      SweepContext context =
          new SweepContext(
              spark,
              hadoop,
              HadoopFolder.qualified(settings.model(), conf),
              new ModelLabels(settings.modelName(), checkpoint.modelType()),
              FactorStore.of(out, settings.sweep()),
              statistics,
              committer,
              heart);
      RunRecord record =
          RunRecord.begin(
              session,
              resolved,
              checkpoint.inventory().leftOut(),
              before.planned(),
              before.skipped());
      RecordedRun.Steps steps =
          () ->
              (calibration.isEmpty()
                      || calibrate(
                          context,
                          plan,
                          calibration.get(),
                          Scratch.of(out, settings.sweep(), runId)))
                  && compress(context, todo, progress.factors(), factors)
                  && (unmeasured.cells() == 0
                      || new CompressStep(context).measureOutputs(unmeasured))
                  && allocated(context, allocate)
                  && (!settings.selectionOverlap() || overlap(context, plan, folder.toString()))
                  && (questions.isEmpty()
                      || evaluate(context, plan, allocate, checkpoint, questions.get(), out));
      boolean complete = new RecordedRun(committer, record, heart, log).run(steps);
      return summary(
          runId,
          plan,
          allocate,
          checkpoint,
          questions,
          before,
          heart.done(),
          heart.failed(),
          complete);
    }
  }

  private boolean allocated(SweepContext context, AllocateStep step) throws IOException {
    step.run(context, this::sayNotAllocated);
    return true;
  }

  private void sayNotAllocated(String why) {
    log.println("Not allocated: " + why);
  }

  /** In one line; {@code plan} tells all of it. */
  private void sayWhatChanged(Path folder, SweepSettings resolved) {
    if (!OutputFolder.exists(session.sparkContext().hadoopConfiguration(), folder.toString())) {
      return;
    }
    new RecordedSweep(folder.toString())
        .configurations(session).stream()
            .findFirst()
            .map(last -> Changes.between(last, resolved))
            .filter(changes -> !changes.none())
            .ifPresent(changes -> log.println("Changed since the last run: " + changes.brief()));
  }

  private Summary summary(
      String runId,
      Plan plan,
      AllocateStep allocate,
      Checkpoint checkpoint,
      Optional<Questions> questions,
      Tally before,
      long done,
      long failed,
      boolean complete) {
    List<Trial> trials = plan.trials();
    List<Trial> all = trials(plan, allocate, cell -> true);
    return new Summary(
        runId,
        trials.stream()
            .flatMap(trial -> trial.cells().stream())
            .map(cell -> new Planned(cell.id(), cell.recipe().label()))
            .toList(),
        questions
            .map(
                asked ->
                    all.stream().map(trial -> new Planned(asked.id(trial), trial.name())).toList())
            .orElse(List.of()),
        allocate.allocated().stream()
            .map(
                one ->
                    new PlannedAllocation(
                        one.id(), questions.map(asked -> asked.id(one.trial())).orElse("")))
            .toList(),
        questions
            .map(asked -> new CompareStep(asked, settings.comparisons(), trials).ids())
            .orElse(List.of()),
        checkpoint.inventory().leftOut(),
        before,
        done,
        failed,
        complete);
  }

  /** The cells that are done, and whose errors on the calibration tokens are not known. */
  private Plan unmeasured(Plan plan, Progress progress, StatisticsStore statistics, Path sweep) {
    if (statistics.ids() instanceof StatisticsIds.None) {
      return plan.where(cell -> false);
    }
    Set<String> known = Progress.outputs(session, sweep.toString());
    return plan.where(
        cell ->
            progress.cells().get(cell.id()) == CellStatus.DONE
                && statistics
                    .ids()
                    .of(cell.unit().matrix().input())
                    .map(id -> !known.contains(Progress.output(cell.id(), id)))
                    .orElse(false));
  }

  private boolean calibrate(
      SweepContext context, Plan plan, Calibration calibration, Scratch scratch)
      throws IOException {
    Set<String> needed =
        plan.units().stream()
            .flatMap(unit -> unit.members().stream())
            .map(Member::input)
            .collect(Collectors.toSet());
    try {
      return new CalibrateStep(context, calibration, context.statistics(), scratch, plan.seed())
              .run(needed, log)
          && (calibration.gradients().isEmpty()
              || new GradientStep(
                      context,
                      calibration,
                      calibration.gradients().get(),
                      context.statistics(),
                      scratch)
                  .run(differentiated(plan), log));
    } finally {
      scratch.delete(context.spark().hadoopConfiguration());
    }
  }

  /** Names of the weights that have a cell with a recipe that needs gradients. */
  private static Set<String> differentiated(Plan plan) {
    return plan.each()
        .filter(cell -> cell.needs(Need.FISHER))
        .flatMap(cell -> cell.unit().members().stream())
        .map(Member::name)
        .collect(Collectors.toSet());
  }

  private static boolean compress(
      SweepContext context, Plan todo, Set<String> known, List<FactorTask> unknown)
      throws IOException {
    List<FactorTask> tasks =
        Stream.concat(unknown.stream(), todo.factorTasks().stream()).distinct().toList();
    Optional<Map<String, Factorized.Failed>> failed =
        new FactorStep(context, todo.seed()).run(tasks, known);
    return failed.isPresent() && new CompressStep(context).run(todo, failed.get());
  }

  /** Whether there is a trial to evaluate or a pair to compare. */
  private boolean asked(
      Questions questions, Plan plan, AllocateStep allocate, Progress progress, String sweep) {
    // Trials that can be evaluated: no cell of theirs has failed for good.
    List<Trial> trials =
        trials(
            plan,
            allocate,
            cell -> Tally.wanted(cell, progress, settings.retry()) || isDone(cell, progress));
    if (!questions.missing(trials, progress, predicted(sweep)).isEmpty()) {
      return true;
    }
    CompareStep compare = new CompareStep(questions, settings.comparisons(), plan.trials());
    return !settings.comparisons().isEmpty()
        && compare.wanted(trials::contains, Progress.comparisons(session, sweep));
  }

  private Map<String, Long> predicted(String sweep) {
    return settings.comparisons().isEmpty() ? Map.of() : Progress.predicted(session, sweep);
  }

  private OverlapStep overlaps(Plan done, StatisticsStore statistics, String sweep) {
    return settings.selectionOverlap()
        ? new OverlapStep(done, statistics, Progress.overlaps(session, sweep))
        : new OverlapStep(done.where(cell -> false), statistics, Set.of());
  }

  private boolean overlap(SweepContext context, Plan plan, String sweep) throws IOException {
    context.pulse().settle();
    Progress progress = Progress.read(session, sweep);
    Plan done = plan.where(cell -> progress.cells().get(cell.id()) == CellStatus.DONE);
    OverlapStep step = overlaps(done, context.statistics(), sweep);
    return !step.wanted() || step.run(context, plan.seed());
  }

  private boolean evaluate(
      SweepContext context,
      Plan plan,
      AllocateStep allocate,
      Checkpoint checkpoint,
      Questions questions,
      Path out)
      throws IOException {
    context.pulse().settle();
    String sweep = new Path(out, settings.sweep()).toString();
    Progress progress = Progress.read(session, sweep);
    List<Trial> whole = trials(plan, allocate, cell -> isDone(cell, progress));
    EffectiveWeights weights =
        new EffectiveWeights(
            context.model(),
            context.factors(),
            context.statistics(),
            EffectiveWeights.artifacts(out, settings.sweep()),
            plan.seed());
    ModelSize sizes = ModelSize.of(checkpoint, Progress.storedBytes(session, sweep));
    for (Questions.Asked asked : questions.missing(whole, progress, predicted(sweep))) {
      EvaluateStep step = new EvaluateStep(context, asked.question(), questions::kept);
      if (!step.run(asked.trials(), progress.trials(), weights, sizes)) {
        return false;
      }
    }
    if (!settings.comparisons().isEmpty()) {
      context.pulse().settle();
      new CompareStep(questions, settings.comparisons(), plan.trials())
          .run(context, session, sweep, sizes);
    }
    return true;
  }

  private static boolean isDone(Cell cell, Progress progress) {
    return progress.cells().get(cell.id()) == CellStatus.DONE;
  }

  /**
   * The trials all of whose cells are accepted, each once: an allocation may come to a uniform one.
   */
  private static List<Trial> trials(Plan plan, AllocateStep allocate, Predicate<Cell> accepted) {
    Map<Set<String>, Trial> distinct = new LinkedHashMap<>();
    Stream.concat(plan.trials().stream(), allocate.allocated().stream().map(Allocated::trial))
        .forEach(
            trial ->
                distinct.putIfAbsent(
                    trial.cells().stream().map(Cell::id).collect(Collectors.toSet()), trial));
    return distinct.values().stream()
        .filter(trial -> trial.cells().stream().allMatch(accepted))
        .toList();
  }
}
