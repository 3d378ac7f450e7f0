package dev.assay.jobs.tables;

import java.io.Serializable;
import java.util.List;
import java.util.Objects;

/**
 * A row of {@code allocations}: what an allocated model has for one unit.
 *
 * @param id content address of the allocation
 * @param name the allocation, the trial's name
 * @param model the checkpoint's name
 * @param unit the unit
 * @param cellId the cell that it got
 * @param recipe the label of its recipe
 * @param storedBytes what the cell stores
 * @param loss what it costs
 * @param whole the same of all units
 */
public record AllocationRow(
    String id,
    String name,
    String model,
    String unit,
    String cellId,
    String recipe,
    long storedBytes,
    double loss,
    Whole whole)
    implements TableRow {
  static final List<Column<AllocationRow>> COLUMNS =
      List.of(
          Column.text(
              "allocation_id",
              AllocationRow::id,
              "SHA-256 over the cells, the objective, the budget and what was predicted"),
          Column.text(
              "allocation", AllocationRow::name, "the trial's name, label in model_metrics"),
          Column.text("model", AllocationRow::model, "name of the checkpoint"),
          Column.text("unit", AllocationRow::unit, "the matrix, or group of matrices"),
          Column.text("cell_id", AllocationRow::cellId, "the cell that it got, as in cells"),
          Column.text("label", AllocationRow::recipe, "the cell's recipe in full"),
          Column.int64("stored_bytes", AllocationRow::storedBytes, "bytes that the cell stores"),
          Column.real("loss", AllocationRow::loss, "the cell's part of the objective"),
          Column.text(
              "objective",
              row -> row.whole().objective(),
              "what was made small: weight-error, Σ relative_error², or output-error,"
                  + " Σ relative_output_error, over units"),
          Column.int64("budget_bytes", row -> row.whole().budgetBytes(), "bytes that were allowed"),
          Column.int64("total_bytes", row -> row.whole().bytes(), "bytes that all units store"),
          Column.real("total_loss", row -> row.whole().loss(), "the objective: what was predicted"),
          Column.real(
              "loss_bound",
              row -> row.whole().bound(),
              "no allocation within the budget loses less; equal to total_loss where it is an"
                  + " optimum"));

  /** Checks that the identity is there. */
  public AllocationRow {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(unit, "unit");
  }

  @Override
  public Table table() {
    return Table.ALLOCATIONS;
  }

  /**
   * The allocation.
   *
   * @param objective what was made small
   * @param budgetBytes bytes that were allowed
   * @param bytes that all units store
   * @param loss over all units
   * @param bound least loss that could be had
   */
  public record Whole(String objective, long budgetBytes, long bytes, double loss, double bound)
      implements Serializable {}
}
