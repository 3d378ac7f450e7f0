package dev.assay.jobs.pool;

import dev.assay.InputException;
import dev.assay.MachineException;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks as the partitions of one Spark job, in the order of the list, and hands each result
 * over as it arrives rather than when the job ends.
 *
 * <p>What may pass is left to Spark's retries. Spark ends a whole job when one task has failed too
 * often; here that task is set aside, the others go on in another job, and when they are done it is
 * tried once more with nothing beside it: what it lacked may have been memory. So one task that
 * cannot be run costs itself, and what ran beside it when Spark gave up is done again.
 */
public final class TaskPool {
  private static final Logger LOG = LoggerFactory.getLogger(TaskPool.class);

  /** More tasks than this that fail are a cluster at fault and not the tasks. */
  private static final int MOST_ASIDE = 8;

  private final JavaSparkContext spark;

  public TaskPool(JavaSparkContext spark) {
    this.spark = spark;
  }

  /** What a task does, on an executor. */
  public interface Body<T, R> extends Serializable {
    /**
     * Does it.
     *
     * @throws InputException if the task found bad input: not tried again, all else stops; but for
     *     a {@link MachineException}, which may pass on another executor
     * @throws IOException if something failed that may pass: Spark tries again
     */
    R run(T task) throws IOException;

    /** What the task is called in the Spark UI, in event logs and in executors' logs. */
    String describe(T task);

    /** Estimated seconds of the task, 0 where nothing is known. */
    default double estimate(T task) {
      return 0;
    }
  }

  /** What the driver does while it waits. */
  public interface Idle {
    /**
     * Called several times a second.
     *
     * @return whether to go on; {@code false} cancels the job
     */
    boolean goOn() throws IOException;
  }

  /** What becomes of a task that cannot be run. */
  public interface OnLost<T> {
    void lost(T task, LostTask why);
  }

  /**
   * Runs all tasks, each of which all else depends on.
   *
   * @param description what the Spark UI shows
   * @param onResult called on this thread, once per task, with what it brought
   * @param idle called on this thread between results
   * @return whether all tasks were run
   * @throws IOException if the driver's own work fails
   * @throws InputException if a task found bad input
   * @throws RuntimeException what made the job fail, after Spark's retries
   */
  public <T extends Serializable, R extends Serializable> boolean run(
      String description, List<T> tasks, Body<T, R> body, BiConsumer<T, R> onResult, Idle idle)
      throws IOException {
    return run(
        description,
        tasks,
        body,
        onResult,
        (task, why) -> {
          throw new IllegalStateException(why.message());
        },
        idle);
  }

  /**
   * Runs all tasks that can be run.
   *
   * @param description what the Spark UI shows
   * @param onResult called on this thread, once per task that was run, with what it brought
   * @param onLost called on this thread, once per task that could not be, after all others
   * @param idle called on this thread between results
   * @return whether all tasks were run, or tried
   * @throws IOException if the driver's own work fails
   * @throws InputException if a task found bad input
   * @throws RuntimeException what made the job fail where that is no single task's fault
   */
  public <T extends Serializable, R extends Serializable> boolean run(
      String description,
      List<T> tasks,
      Body<T, R> body,
      BiConsumer<T, R> onResult,
      OnLost<T> onLost,
      Idle idle)
      throws IOException {
    List<T> left = new ArrayList<>(tasks);
    List<T> aside = new ArrayList<>();
    List<LostTask> reasons = new ArrayList<>();
    Schedule schedule = new Schedule();
    while (!left.isEmpty()) {
      PoolJob<T, R> job = new PoolJob<>(spark, description, left, body, 0);
      if (!job.run(onResult, schedule, idle)) {
        return false;
      }
      left = job.missing();
      if (job.failure().isPresent()) {
        PoolJob.Failure<T> failure = job.failure().get();
        left.remove(failure.index());
        aside.add(failure.task());
        reasons.add(failure.why());
        LOG.warn("A task is set aside, the others go on. {}", failure.why().message());
        if (aside.size() > MOST_ASIDE) {
          failure.machine().ifPresent(TaskPool::refuse);
          throw new IllegalStateException(
              "Spark gave up on " + aside.size() + " tasks. The last: " + failure.why().message());
        }
      }
    }
    for (int i = 0; i < aside.size(); i++) {
      T task = aside.get(i);
      int before = reasons.get(i).attempts();
      PoolJob<T, R> job =
          new PoolJob<>(spark, description + ", once more", List.of(task), body, before);
      if (!job.run(onResult, schedule, idle)) {
        return false;
      }
      job.failure().ifPresent(failure -> onLost.lost(task, failure.why().after(before)));
      if (!idle.goOn()) {
        return false;
      }
    }
    if (tasks.size() > 1) { // of one there is no order to judge
      LOG.info("{}: {}", description, schedule);
    }
    return true;
  }

  /** No machine that was tried has what is needed. */
  private static void refuse(MachineException e) {
    throw new InputException(
        "executors",
        e.getMessage(),
        "Where that is one machine of several, --conf spark.excludeOnFailure.enabled=true leaves it"
            + " out",
        e);
  }
}
