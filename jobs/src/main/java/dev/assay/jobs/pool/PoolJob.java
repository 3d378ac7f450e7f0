package dev.assay.jobs.pool;

import dev.assay.InputException;
import dev.assay.MachineException;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.SimpleFutureAction;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction0;
import scala.runtime.AbstractFunction1;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/**
 * One Spark job of a {@link TaskPool}: it ends with all results, or at the first task that fails.
 */
public final class PoolJob<T extends Serializable, R extends Serializable> {
  private static final String ATTEMPTS_BEFORE = "assay.attempts.before";

  private final JavaSparkContext spark;
  private final String description;
  private final List<T> tasks;
  private final TaskPool.Body<T, R> body;
  private final int attemptsBefore;
  private final BitSet answered = new BitSet();
  private Optional<Failure<T>> failure = Optional.empty();

  /**
   * Prepares a job.
   *
   * @param attemptsBefore how often the tasks have been tried in other jobs
   */
  PoolJob(
      JavaSparkContext spark,
      String description,
      List<T> tasks,
      TaskPool.Body<T, R> body,
      int attemptsBefore) {
    this.spark = spark;
    this.description = description;
    this.tasks = tasks;
    this.body = body;
    this.attemptsBefore = attemptsBefore;
  }

  /**
   * The task that Spark gave up on.
   *
   * @param index its place among {@link #missing}
   * @param machine what its last machine lacked, where it was that
   */
  record Failure<T>(int index, T task, LostTask why, Optional<MachineException> machine) {}

  /** How often the task that runs on this thread has been tried, with this time. */
  public static int attempt() {
    TaskContext context = TaskContext.get();
    String before = context.getLocalProperty(ATTEMPTS_BEFORE);
    return context.attemptNumber() + 1 + (before == null ? 0 : Integer.parseInt(before));
  }

  /** Whether this JVM's executor is the driver, as with a local master. */
  static boolean insideDriver() {
    return SparkEnv.get().executorId().equals("driver");
  }

  /**
   * Runs it.
   *
   * @param schedule takes the times of the tasks
   * @return whether it came to its end, with or without a {@link #failure}, rather than being
   *     stopped
   */
  boolean run(BiConsumer<T, R> onResult, Schedule schedule, TaskPool.Idle idle) throws IOException {
    BlockingQueue<Arrived<R>> arrived = new LinkedBlockingQueue<>();
    TaskLabel label = new TaskLabel();
    spark.sc().register(label, TaskLabel.NAME);
    spark.setJobDescription(description);
    spark.setLocalProperty(ATTEMPTS_BEFORE, Integer.toString(attemptsBefore));
    SimpleFutureAction<BoxedUnit> job =
        spark
            .sc()
            .submitJob(
                spark.parallelize(tasks, tasks.size()).rdd(),
                new PartitionBody<>(body, label),
                allPartitions(tasks.size()),
                new Arrival<>(arrived),
                new Nothing());
    try {
      while (answered.cardinality() < tasks.size()) {
        Arrived<R> one = poll(arrived);
        if (one != null) {
          T task = tasks.get(one.index());
          if (one.answer() instanceof Answer.Given<R> given) {
            schedule.add(given.span(), body.estimate(task));
          }
          onResult.accept(task, one.answer().result());
          answered.set(one.index());
        } else if (job.isCompleted() && arrived.isEmpty()) {
          failure = Optional.of(failure(job));
          return true;
        }
        if (!idle.goOn()) {
          return false;
        }
      }
      return true;
    } finally {
      if (!job.isCompleted()) {
        job.cancel();
      }
      spark.setJobDescription(null);
      spark.setLocalProperty(ATTEMPTS_BEFORE, null);
    }
  }

  /** The tasks without a result, in order; the one that failed is among them. */
  List<T> missing() {
    List<T> missing = new ArrayList<>();
    for (int i = 0; i < tasks.size(); i++) {
      if (!answered.get(i)) {
        missing.add(tasks.get(i));
      }
    }
    return missing;
  }

  /** Why it ended early; empty if it did not. */
  Optional<Failure<T>> failure() {
    return failure;
  }

  private Failure<T> failure(SimpleFutureAction<?> job) {
    Throwable cause = job.value().get().failed().get();
    LostTask.At lost = LostTask.of(cause).orElseThrow(() -> unchecked(cause));
    int index = lost.index() - answered.get(0, lost.index()).cardinality();
    return new Failure<>(index, tasks.get(lost.index()), lost.why(), machine(cause));
  }

  private static Optional<MachineException> machine(Throwable cause) {
    return Stream.iterate(cause, Objects::nonNull, Throwable::getCause)
        .filter(MachineException.class::isInstance)
        .map(MachineException.class::cast)
        .findFirst();
  }

  private static RuntimeException unchecked(Throwable cause) {
    return cause instanceof RuntimeException runtime
        ? runtime
        : new IllegalStateException(cause.getMessage(), cause);
  }

  private static Seq<Object> allPartitions(int count) {
    List<Object> indices = IntStream.range(0, count).<Object>mapToObj(i -> i).toList();
    return CollectionConverters.asScala(indices).toSeq();
  }

  private static <A> A poll(BlockingQueue<A> arrived) {
    try {
      return arrived.poll(100, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for tasks", e);
    }
  }

  /** What a task sends back. Bad input is an answer: as an exception it would be tried again. */
  private sealed interface Answer<R> extends Serializable {
    R result();

    record Given<R>(R result, Schedule.Span span) implements Answer<R> {}

    record Refused<R>(InputException why) implements Answer<R> {
      @Override
      public R result() {
        throw why;
      }
    }
  }

  private record Arrived<R>(int index, Answer<R> answer) {}

  /** A task's heap was not enough; said where Spark would end the driver. */
  private static final class OutOfMemory extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OutOfMemory(OutOfMemoryError error) {
      super(error.getMessage());
    }
  }

  /** The single task of a partition. */
  private static final class PartitionBody<T, R> extends AbstractFunction1<Iterator<T>, Answer<R>>
      implements Serializable {
    private static final long serialVersionUID = 1L;
    private final TaskPool.Body<T, R> body;
    private final TaskLabel label;

    PartitionBody(TaskPool.Body<T, R> body, TaskLabel label) {
      this.body = body;
      this.label = label;
    }

    @Override
    public Answer<R> apply(Iterator<T> tasks) {
      T task = tasks.next();
      Schedule.Clock clock = Schedule.Clock.start();
      Runnable unlabel = label.show(body.describe(task));
      try {
        return new Answer.Given<>(body.run(task), clock.stop());
      } catch (InputException e) {
        if (e instanceof MachineException && !insideDriver()) {
          throw e; // another executor may do it
        }
        return new Answer.Refused<>(e);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (OutOfMemoryError e) {
        // Spark ends an executor whose heap is exhausted and starts another; with a local master
        // that would be the driver.
        if (insideDriver()) {
          throw new OutOfMemory(e);
        }
        throw e;
      } finally {
        unlabel.run();
      }
    }
  }

  private static final class Arrival<R> extends AbstractFunction2<Object, Answer<R>, BoxedUnit> {
    private final BlockingQueue<Arrived<R>> arrived;

    Arrival(BlockingQueue<Arrived<R>> arrived) {
      this.arrived = arrived;
    }

    @Override
    public BoxedUnit apply(Object partition, Answer<R> answer) {
      arrived.add(new Arrived<>((Integer) partition, answer));
      return BoxedUnit.UNIT;
    }
  }

  private static final class Nothing extends AbstractFunction0<BoxedUnit> {
    @Override
    public BoxedUnit apply() {
      return BoxedUnit.UNIT;
    }
  }
}
