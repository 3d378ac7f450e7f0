package dev.assay.jobs.tables;

import java.util.List;
import java.util.Objects;

/**
 * A row of {@code layer_metrics}: what a cell did to one matrix W (rows × cols, out × in), whose
 * effective weights are Ŵ.
 *
 * @param cellId the cell
 * @param model the checkpoint's name
 * @param architecture the checkpoint's architecture
 * @param layer index of the layer from 0, or null for a matrix outside the layers
 * @param unit the unit that the matrix is a member of
 * @param matrix the tensor's name
 * @param role what it does in its site
 * @param rows output features
 * @param cols input features
 * @param dtype type W is stored in, by its safetensors name
 * @param relativeError ‖W−Ŵ‖_F / ‖W‖_F, or null where only a product of matrices is approximated
 * @param sqnrDb −20·log₁₀(relativeError), infinite for an exact Ŵ, or null likewise
 * @param maxAbsError max |W−Ŵ|, or null likewise
 * @param cosine ⟨W,Ŵ⟩ / (‖W‖_F·‖Ŵ‖_F), or null likewise
 * @param nonFinite entries of Ŵ that are NaN or infinite
 * @param effectiveBits 8 · storedBytes / (rows · cols)
 * @param storedBytes payload bytes of every tensor really stored for this matrix
 */
public record LayerMetricsRow(
    String cellId,
    String model,
    String architecture,
    Integer layer,
    String unit,
    String matrix,
    String role,
    int rows,
    int cols,
    String dtype,
    Double relativeError,
    Double sqnrDb,
    Double maxAbsError,
    Double cosine,
    long nonFinite,
    double effectiveBits,
    long storedBytes)
    implements TableRow {
  static final List<Column<LayerMetricsRow>> COLUMNS =
      List.of(
          Column.text("cell_id", LayerMetricsRow::cellId, "the cell, as in cells"),
          Column.text("model", LayerMetricsRow::model, "name of the checkpoint"),
          Column.text("architecture", LayerMetricsRow::architecture, "its architecture"),
          Column.optionalInt32(
              "layer",
              LayerMetricsRow::layer,
              "index of the layer, from 0; NULL for a matrix outside the layers"),
          Column.optionalText(
              "unit",
              LayerMetricsRow::unit,
              "the unit that the matrix is a member of, as in cells; NULL before version 2"),
          Column.text("matrix", LayerMetricsRow::matrix, "name of the tensor W"),
          Column.optionalText(
              "role",
              LayerMetricsRow::role,
              "what W does in its site: query, key, value, output, gate, up, down, …; in a network"
                  + " that is not known the last part of its name; NULL before version 2"),
          Column.int32("rows", LayerMetricsRow::rows, "output features of W"),
          Column.int32("cols", LayerMetricsRow::cols, "input features of W"),
          Column.text(
              "dtype",
              LayerMetricsRow::dtype,
              "type W is stored in: F64, F32, F16, BF16, F8_E4M3 or F8_E5M2"),
          Column.optionalReal(
              "relative_error",
              LayerMetricsRow::relativeError,
              "‖W−Ŵ‖_F / ‖W‖_F; NULL, as the next three, where only a product of matrices is"
                  + " approximated"),
          Column.optionalReal(
              "sqnr_db",
              LayerMetricsRow::sqnrDb,
              "signal to quantization noise, −20·log₁₀(relative_error), dB; infinite when exact"),
          Column.optionalReal(
              "max_abs_error", LayerMetricsRow::maxAbsError, "largest |W−Ŵ|, in weight units"),
          Column.optionalReal(
              "cosine", LayerMetricsRow::cosine, "cosine of the angle between W and Ŵ, −1 to 1"),
          Column.int64(
              "non_finite", LayerMetricsRow::nonFinite, "entries of Ŵ that are NaN or infinite"),
          Column.real(
              "effective_bits",
              LayerMetricsRow::effectiveBits,
              "bits really stored per weight: 8·stored_bytes / (rows·cols)"),
          Column.int64(
              "stored_bytes",
              LayerMetricsRow::storedBytes,
              "payload bytes of every tensor stored for the matrix (codes, scales, indices,"
                  + " factors, …)"));

  /** Checks that the identity is there. */
  public LayerMetricsRow {
    Objects.requireNonNull(cellId, "cellId");
    Objects.requireNonNull(matrix, "matrix");
  }

  @Override
  public Table table() {
    return Table.LAYER_METRICS;
  }
}
