package dev.assay.jobs.pool;

import org.apache.spark.TaskContext;
import org.apache.spark.util.AccumulatorV2;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * What a task works on, where an operator looks for it: beside the task on the stage's page of the
 * Spark UI and in event logs, which show what a task adds to a named accumulator; in the name of
 * its thread, which thread dumps show while it runs; and in the executor's log.
 */
final class TaskLabel extends AccumulatorV2<String, String> {
  static final String NAME = "task";

  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(TaskLabel.class);

  private String text = "";

  /**
   * Labels the task that runs on this thread.
   *
   * @return what takes the label off the thread
   */
  Runnable show(String label) {
    add(label);
    TaskContext task = TaskContext.get();
    LOG.atLevel(level())
        .log(
            "Task {} of stage {}, attempt {}: {}",
            task.partitionId(),
            task.stageId(),
            task.attemptNumber(),
            label);
    Thread thread = Thread.currentThread();
    String before = thread.getName();
    thread.setName(before + ": " + label);
    return () -> thread.setName(before);
  }

  /** On one machine the executor is the driver, whose log is the terminal. */
  private static Level level() {
    return PoolJob.insideDriver() ? Level.DEBUG : Level.INFO;
  }

  @Override
  public boolean isZero() {
    return text.isEmpty();
  }

  @Override
  public TaskLabel copy() {
    TaskLabel copy = new TaskLabel();
    copy.text = text;
    return copy;
  }

  @Override
  public void reset() {
    text = "";
  }

  @Override
  public void add(String label) {
    text = label;
  }

  /** The job's own value is the label that came last; it means nothing. */
  @Override
  public void merge(AccumulatorV2<String, String> other) {
    text = other.value();
  }

  @Override
  public String value() {
    return text;
  }
}
