package dev.assay.calibrate;

import dev.assay.evaluate.glue.LabelMap;
import dev.assay.model.Loss;
import java.util.ArrayList;
import java.util.List;

/** What the answers to labelled examples of a task cost. */
public final class TaskLosses {
  private TaskLosses() {}

  /**
   * Cross-entropy for tasks of classes, squared error for those of scores.
   *
   * @param labels which output of the head is which class
   * @param targets of all examples of the task, as {@link dev.assay.task.Example#target} has them
   * @param rows positions of those that are wanted
   */
  public static List<Loss> of(LabelMap labels, List<Double> targets, List<Integer> rows) {
    List<Loss> losses = new ArrayList<>();
    for (int row : rows) {
      double target = targets.get(row);
      losses.add(
          labels.task().isRegression()
              ? new Loss.SquaredError(target)
              : new Loss.CrossEntropy(labels.output((int) target)));
    }
    return losses;
  }
}
