package dev.assay.jobs.tables;

import java.util.List;
import java.util.Objects;

/**
 * A row of {@code spectrum}: one singular value of one factorized matrix W (rows × cols).
 *
 * @param factorsId content address of the factors
 * @param model the checkpoint's name
 * @param matrix the tensor's name
 * @param rows output features
 * @param cols input features
 * @param factorizer the factorizer that ran, never {@code auto}
 * @param index 1 for the largest value
 * @param singularValue σᵢ
 * @param cumulativeEnergy Σ_{j≤i} σⱼ² / ‖W‖²_F
 * @param stableRank ‖W‖²_F / σ₁²
 * @param effectiveRank exp of the entropy of σ/Σσ (Roy and Vetterli 2007), or null when the
 *     spectrum is not whole
 * @param reference factorizer it was checked against, or null
 * @param referenceValue the reference's σᵢ, or null
 * @param deviation |σᵢ − reference| / σ₁, or null
 */
public record SpectrumRow(
    String factorsId,
    String model,
    String matrix,
    int rows,
    int cols,
    String factorizer,
    int index,
    double singularValue,
    double cumulativeEnergy,
    double stableRank,
    Double effectiveRank,
    String reference,
    Double referenceValue,
    Double deviation)
    implements TableRow {
  static final List<Column<SpectrumRow>> COLUMNS =
      List.of(
          Column.text(
              "factors_id",
              SpectrumRow::factorsId,
              "content address of the factors (weights, metric, factorizer, rank)"),
          Column.text("model", SpectrumRow::model, "name of the checkpoint"),
          Column.text("matrix", SpectrumRow::matrix, "name of the tensor W"),
          Column.int32("rows", SpectrumRow::rows, "output features of W"),
          Column.int32("cols", SpectrumRow::cols, "input features of W"),
          Column.text(
              "factorizer", SpectrumRow::factorizer, "what ran: mllib, lapack or randomized"),
          Column.int32("index", SpectrumRow::index, "1 for the largest singular value"),
          Column.real("singular_value", SpectrumRow::singularValue, "σᵢ, in weight units"),
          Column.real(
              "cumulative_energy",
              SpectrumRow::cumulativeEnergy,
              "share of ‖W‖²_F in σ₁ … σᵢ, 0 to 1"),
          Column.real("stable_rank", SpectrumRow::stableRank, "‖W‖²_F / σ₁², same in each row"),
          Column.optionalReal(
              "effective_rank",
              SpectrumRow::effectiveRank,
              "exp of the entropy of σ/Σσ, same in each row; NULL when not all σ were computed"),
          Column.optionalText(
              "reference",
              SpectrumRow::reference,
              "factorizer checked against, such as lapack-double; NULL when not checked"),
          Column.optionalReal(
              "reference_value", SpectrumRow::referenceValue, "σᵢ of the reference"),
          Column.optionalReal("deviation", SpectrumRow::deviation, "|σᵢ − reference_value| / σ₁"));

  /** Checks that the identity is there. */
  public SpectrumRow {
    Objects.requireNonNull(factorsId, "factorsId");
    if (index < 1) {
      throw new IllegalArgumentException("Singular values are counted from 1, not " + index);
    }
  }

  @Override
  public Table table() {
    return Table.SPECTRUM;
  }
}
