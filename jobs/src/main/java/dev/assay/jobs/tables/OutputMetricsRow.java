package dev.assay.jobs.tables;

import java.util.List;
import java.util.Objects;

/**
 * A row of {@code output_metrics}: what a cell did to the outputs of one linear on the tokens X
 * that the model was calibrated on.
 *
 * @param cellId the cell
 * @param statisticsId the statistics of the input
 * @param model the checkpoint's name
 * @param layer index of the layer from 0, or null for a matrix outside the layers
 * @param matrix the tensor's name
 * @param relativeOutputError ‖(W−Ŵ)X‖² / ‖WX‖²
 * @param tokens number of tokens in X
 */
public record OutputMetricsRow(
    String cellId,
    String statisticsId,
    String model,
    Integer layer,
    String matrix,
    double relativeOutputError,
    long tokens)
    implements TableRow {
  static final List<Column<OutputMetricsRow>> COLUMNS =
      List.of(
          Column.text("cell_id", OutputMetricsRow::cellId, "the cell, as in cells"),
          Column.text(
              "statistics_id",
              OutputMetricsRow::statisticsId,
              "the statistics of the input: a hash of model, calibration tokens and seed"),
          Column.text("model", OutputMetricsRow::model, "name of the checkpoint"),
          Column.optionalInt32(
              "layer",
              OutputMetricsRow::layer,
              "index of the layer, from 0; NULL for a matrix outside the layers"),
          Column.text("matrix", OutputMetricsRow::matrix, "name of the tensor W"),
          Column.real(
              "relative_output_error",
              OutputMetricsRow::relativeOutputError,
              "‖(W−Ŵ)X‖² / ‖WX‖², squared Frobenius norms over the calibration tokens X"),
          Column.int64("tokens", OutputMetricsRow::tokens, "number of tokens in X"));

  /** Checks that the identity is there. */
  public OutputMetricsRow {
    Objects.requireNonNull(cellId, "cellId");
    Objects.requireNonNull(statisticsId, "statisticsId");
    Objects.requireNonNull(matrix, "matrix");
  }

  @Override
  public Table table() {
    return Table.OUTPUT_METRICS;
  }
}
