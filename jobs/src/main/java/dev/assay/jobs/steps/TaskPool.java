package dev.assay.jobs.steps;

import dev.assay.InputException;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.spark.SimpleFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction0;
import scala.runtime.AbstractFunction1;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/**
 * Runs tasks as the partitions of one Spark job, in the order of the list, and hands each result
 * over as it arrives rather than when the job ends.
 */
final class TaskPool {
  private final JavaSparkContext spark;

  TaskPool(JavaSparkContext spark) {
    this.spark = spark;
  }

  /** What a task does, on an executor. */
  interface Body<T, R> extends Serializable {
    R run(T task) throws IOException;
  }

  /** What the driver does while it waits. */
  interface Idle {
    /**
     * Called several times a second.
     *
     * @return whether to go on; {@code false} cancels the job
     */
    boolean goOn() throws IOException;
  }

  /**
   * Runs all tasks.
   *
   * @param description what the Spark UI shows
   * @param onResult called on this thread, once per task
   * @param idle called on this thread between results
   * @return whether all tasks were run
   * @throws IOException if the driver's own work fails
   * @throws InputException if a task found bad input
   * @throws RuntimeException what made the job fail, after Spark's retries
   */
  <T extends Serializable, R extends Serializable> boolean run(
      String description, List<T> tasks, Body<T, R> body, Consumer<R> onResult, Idle idle)
      throws IOException {
    if (tasks.isEmpty()) {
      return true;
    }
    BlockingQueue<R> arrived = new LinkedBlockingQueue<>();
    spark.setJobDescription(description);
    SimpleFutureAction<BoxedUnit> job =
        spark
            .sc()
            .submitJob(
                spark.parallelize(tasks, tasks.size()).rdd(),
                new PartitionBody<>(body),
                allPartitions(tasks.size()),
                new Arrival<>(arrived),
                new Nothing());
    try {
      int missing = tasks.size();
      while (missing > 0) {
        R result = poll(arrived);
        if (result != null) {
          onResult.accept(result);
          missing--;
        } else if (job.isCompleted() && arrived.isEmpty()) {
          throw failure(job);
        }
        if (!idle.goOn()) {
          job.cancel();
          return false;
        }
      }
      return true;
    } finally {
      spark.setJobDescription(null);
    }
  }

  private static Seq<Object> allPartitions(int count) {
    List<Object> indices = IntStream.range(0, count).<Object>mapToObj(i -> i).toList();
    return CollectionConverters.asScala(indices).toSeq();
  }

  private static <R> R poll(BlockingQueue<R> arrived) {
    try {
      return arrived.poll(100, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for tasks", e);
    }
  }

  private static RuntimeException failure(SimpleFutureAction<?> job) {
    Throwable cause = job.value().get().failed().get();
    for (Throwable deeper = cause; deeper != null; deeper = deeper.getCause()) {
      if (deeper instanceof InputException bad) {
        return bad;
      }
    }
    return cause instanceof RuntimeException runtime
        ? runtime
        : new IllegalStateException(cause.getMessage(), cause);
  }

  /** The single task of a partition. */
  private static final class PartitionBody<T, R> extends AbstractFunction1<Iterator<T>, R>
      implements Serializable {
    private static final long serialVersionUID = 1L;
    private final Body<T, R> body;

    PartitionBody(Body<T, R> body) {
      this.body = body;
    }

    @Override
    public R apply(Iterator<T> tasks) {
      try {
        return body.run(tasks.next());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static final class Arrival<R> extends AbstractFunction2<Object, R, BoxedUnit> {
    private final BlockingQueue<R> arrived;

    Arrival(BlockingQueue<R> arrived) {
      this.arrived = arrived;
    }

    @Override
    public BoxedUnit apply(Object partition, R result) {
      arrived.add(result);
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
