package dev.assay.plan;

import dev.assay.InputException;
import dev.assay.checkpoint.Tensor;
import dev.assay.family.Family;
import dev.assay.family.Place;
import dev.assay.recipe.NamedRecipe;
import dev.assay.recipe.Need;
import dev.assay.recipe.UnfitException;
import dev.assay.recipe.Work;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a sweep will do: one task per site, largest first.
 *
 * @param tasks the tasks with all their cells
 * @param seed the user's seed
 */
public record Plan(List<SiteTask> tasks, long seed) {
  /** Estimated seconds of a task: rows land when it ends, and a lost executor loses it. */
  private static final double LONGEST_TASK = 30;

  /** Shorter ones are not worth a task: what a site's matrices share is made once for each. */
  private static final double SHORTEST_TASK = 1;

  /** Tasks for every slot, so that the last ones are short beside the whole. */
  private static final int TASKS_PER_SLOT = 4;

  public Plan {
    tasks = List.copyOf(tasks);
  }

  /**
   * Plans a sweep from a checkpoint's headers.
   *
   * @param family of the model: tells where its matrices stand
   * @param matrices the checkpoint's 2-D tensors
   * @param statistics what is known of the matrices' inputs
   * @throws InputException if no tensor is chosen, or a recipe fits none of them
   */
  public static Plan of(
      SweepSettings settings, Family family, List<Tensor> matrices, StatisticsIds statistics) {
    List<Tensor> chosen =
        matrices.stream()
            .filter(tensor -> settings.filter().chooses(tensor.name(), family::isBlockLinear))
            .toList();
    if (chosen.isEmpty()) {
      throw new InputException(
          settings.model(),
          "No tensor is chosen by matrices = "
              + settings.filter().include()
              + ", exclude-matrices = "
              + settings.filter().exclude(),
          "Its 2-D tensors are: " + examples(matrices));
    }
    settings.recipes().forEach(recipe -> refuseIfItFitsNone(recipe, chosen));
    if (statistics instanceof StatisticsIds.None) {
      settings.recipes().forEach(Plan::refuseIfItNeedsStatistics);
    }
    if (chosen.stream().noneMatch(weight -> statistics.fisher(weight.name()).isPresent())) {
      settings.recipes().forEach(Plan::refuseIfItNeedsGradients);
    }
    Map<String, List<Tensor>> readers =
        matrices.stream()
            .sorted(Comparator.comparing(Tensor::name))
            .collect(Collectors.groupingBy(matrix -> family.place(matrix.name()).input()));
    CellMaker maker = new CellMaker(settings, statistics);
    Map<String, List<Cell>> sites = new LinkedHashMap<>();
    for (Tensor weight : chosen) {
      Place place = family.place(weight.name());
      Member matrix = new Member(weight, place.role(), place.input(), readers.get(place.input()));
      Unit unit = Unit.of(place.site(), place.layer(), matrix);
      sites.computeIfAbsent(unit.site(), site -> new ArrayList<>()).addAll(maker.on(unit));
    }
    List<SiteTask> tasks = new ArrayList<>();
    sites.forEach((site, cells) -> tasks.add(new SiteTask(site, cells)));
    return new Plan(largestFirst(tasks, SiteTask::work, SiteTask::site), settings.seed());
  }

  /** A factorization of one weight. */
  public record FactorTask(String id, Tensor weight, Factorization factorization)
      implements Serializable {
    /** Estimated work: 22·m·n·min(m,n) for a full decomposition, 12·m·n·r for a randomized one. */
    public Work work() {
      double size = (double) weight.rows() * weight.cols();
      double smaller = Math.min(weight.rows(), weight.cols());
      double rank = factorization.rank();
      return new Work(rank < smaller ? 12 * size * rank : 22 * size * smaller, 0);
    }

    /**
     * Estimated peak heap in bytes: the weight in double, its factors, and LAPACK's work space of
     * the weight's size and three smaller sides squared; less where only a few triples are wanted.
     */
    public long memory() {
      long size = weight.size();
      long sides = (long) weight.rows() + weight.cols();
      long smaller = Math.min(weight.rows(), weight.cols());
      long rank = factorization.rank();
      return rank < smaller
          ? 4 * size + 24 * sides * rank
          : 12 * size + 12 * sides * smaller + 32 * smaller * smaller;
    }
  }

  /** The factorizations that the cells need, each once, largest first. */
  public List<FactorTask> factorTasks() {
    Map<String, FactorTask> needed = new TreeMap<>();
    for (SiteTask task : tasks) {
      for (List<Cell> ofUnit : task.byUnit()) {
        Set<Factorization> factorizations = new LinkedHashSet<>();
        ofUnit.forEach(cell -> factorizations.add(cell.factorization()));
        factorizations.remove(Factorization.NONE);
        for (Member member : ofUnit.get(0).unit().members()) {
          for (Factorization factorization : factorizations) {
            String id = factorization.id(member.weight(), seed);
            needed.put(id, new FactorTask(id, member.weight(), factorization));
          }
        }
      }
    }
    return largestFirst(needed.values(), FactorTask::work, FactorTask::id);
  }

  /** Only the cells that {@code wanted} accepts, and only the tasks that have any. */
  public Plan where(Predicate<Cell> wanted) {
    return new Plan(
        tasks.stream().map(task -> task.where(wanted)).filter(t -> !t.cells().isEmpty()).toList(),
        seed);
  }

  /** One trial for every recipe: the model with all its units compressed by it. */
  public List<Trial> trials() {
    Map<NamedRecipe, List<Cell>> byRecipe = new LinkedHashMap<>();
    each()
        .forEach(cell -> byRecipe.computeIfAbsent(cell.recipe(), r -> new ArrayList<>()).add(cell));
    List<Trial> trials = new ArrayList<>();
    byRecipe.forEach(
        (recipe, cells) ->
            trials.add(new Trial(recipe.name(), recipe.label(), Trial.Origin.UNIFORM, cells)));
    return trials;
  }

  /**
   * Estimated heap in bytes that the largest task needs.
   *
   * @param statistics which inputs have any
   */
  public long memory(StatisticsIds statistics) {
    long factors = factorTasks().stream().mapToLong(FactorTask::memory).max().orElse(0);
    long sites = tasks.stream().mapToLong(task -> task.memory(statistics)).max().orElse(0);
    return Math.max(factors, sites);
  }

  /**
   * The tasks as they should be started on some slots, largest first. A site with more work than
   * half a minute, or than a quarter of a slot's share, is several tasks, so that neither a site
   * nor the largest matrix is left alone at the end.
   *
   * @param slots tasks that run at once
   */
  public List<SiteTask> packed(int slots) {
    double share = work().seconds() / (slots * (double) TASKS_PER_SLOT);
    double longest = Math.max(SHORTEST_TASK, Math.min(LONGEST_TASK, share));
    List<SiteTask> parts = tasks.stream().flatMap(task -> task.split(longest).stream()).toList();
    return largestFirst(parts, SiteTask::work, SiteTask::site);
  }

  /** All cells, task by task. */
  public Stream<Cell> each() {
    return tasks.stream().flatMap(task -> task.cells().stream());
  }

  /** Number of cells. */
  public long cells() {
    return tasks.stream().mapToLong(task -> task.cells().size()).sum();
  }

  /** All units that have cells, task by task. */
  public List<Unit> units() {
    return tasks.stream().flatMap(task -> task.units().stream()).toList();
  }

  /** Estimated work of the cells, factors not included. */
  public Work work() {
    return tasks.stream().map(SiteTask::work).reduce(Work.NONE, Work::plus);
  }

  /** Tasks by descending work, which is estimated once for each, then by name. */
  private static <T> List<T> largestFirst(
      Collection<T> tasks, Function<T, Work> work, Function<T, String> name) {
    record Weighed<T>(T task, double seconds, String name) {}
    return tasks.stream()
        .map(task -> new Weighed<>(task, work.apply(task).seconds(), name.apply(task)))
        .sorted(
            Comparator.comparingDouble((Weighed<T> weighed) -> weighed.seconds())
                .reversed()
                .thenComparing(Weighed::name))
        .map(Weighed::task)
        .toList();
  }

  private static void refuseIfItNeedsStatistics(NamedRecipe recipe) {
    if (recipe.recipe().needs().contains(Need.STATISTICS)) {
      throw new InputException(
          "recipe " + recipe.label(),
          "It needs statistics of what enters the matrices, and there are none",
          "Set task and data (calibration draws from their train part), calibration.task and"
              + " calibration.data, or statistics = DIR; calibration.use must not be never");
    }
  }

  private static void refuseIfItNeedsGradients(NamedRecipe recipe) {
    if (recipe.recipe().needs().contains(Need.FISHER)) {
      throw new InputException(
          "recipe " + recipe.label(),
          "It needs gradients of a task's loss by the matrices, and there are none",
          "Set calibration.task and calibration.data to the GLUE task that the model was fine-tuned"
              + " for, or statistics = DIR with files of Fisher information; calibration.use must"
              + " not be never, and the matrices must be linears in the model's blocks");
    }
  }

  private static void refuseIfItFitsNone(NamedRecipe recipe, List<Tensor> weights) {
    UnfitException last = null;
    for (Tensor weight : weights) {
      try {
        recipe.recipe().check(weight.rows(), weight.cols());
        return;
      } catch (UnfitException e) {
        last = e;
      }
    }
    throw new InputException(
        "recipe " + recipe.label(),
        "It fits none of the " + weights.size() + " chosen matrices: " + last.getMessage(),
        "Change the recipe or choose other matrices");
  }

  private static String examples(List<Tensor> matrices) {
    List<String> names = matrices.stream().map(Tensor::name).limit(8).toList();
    String shown = String.join(", ", names);
    return matrices.size() > names.size() ? shown + ", … (" + matrices.size() + ")" : shown;
  }
}
