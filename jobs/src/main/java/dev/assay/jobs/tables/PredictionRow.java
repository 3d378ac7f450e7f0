package dev.assay.jobs.tables;

import java.util.List;
import java.util.Objects;

/**
 * A row of {@code predictions}: what a model put out for one input of a task.
 *
 * @param trialId the trial, as in {@code model_metrics}
 * @param label the recipe in full
 * @param task the task
 * @param split its part
 * @param row number of the input
 * @param values logits or an embedding
 */
public record PredictionRow(
    String trialId, String label, String task, String split, int row, List<Double> values)
    implements TableRow {
  static final List<Column<PredictionRow>> COLUMNS =
      List.of(
          Column.text("trial_id", PredictionRow::trialId, "the trial, as in model_metrics"),
          Column.text("label", PredictionRow::label, "the recipe in full, as text"),
          Column.text("task", PredictionRow::task, "what was asked"),
          Column.text("split", PredictionRow::split, "part of the task's data"),
          Column.int32(
              "row",
              PredictionRow::row,
              "number of the input from 0, in file order; the texts of a pair count singly where"
                  + " the model embeds them singly"),
          Column.reals("values", PredictionRow::values, "logits, or the embedding"));

  /** Copies the list. */
  public PredictionRow {
    Objects.requireNonNull(trialId, "trialId");
    values = List.copyOf(values);
  }

  @Override
  public Table table() {
    return Table.PREDICTIONS;
  }
}
