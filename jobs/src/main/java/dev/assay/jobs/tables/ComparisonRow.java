package dev.assay.jobs.tables;

import java.io.Serializable;
import java.util.List;
import java.util.Objects;

/**
 * A row of {@code comparisons}: two compressed models' answers to the same rows.
 *
 * @param comparisonId the comparison's name and all its pairs
 * @param comparison its name
 * @param model the checkpoint's name
 * @param task the task
 * @param split its part
 * @param pairBy the parameter that tells the pairs apart
 * @param pairValue its value for both models
 * @param a the one model
 * @param b the other
 * @param test how they compare
 */
public record ComparisonRow(
    String comparisonId,
    String comparison,
    String model,
    String task,
    String split,
    String pairBy,
    String pairValue,
    Side a,
    Side b,
    Test test)
    implements TableRow {
  static final List<Column<ComparisonRow>> COLUMNS =
      List.of(
          Column.text(
              "comparison_id",
              ComparisonRow::comparisonId,
              "SHA-256 over the comparison's name and the trials of all its pairs"),
          Column.text("comparison", ComparisonRow::comparison, "the comparison's name"),
          Column.text("model", ComparisonRow::model, "name of the checkpoint"),
          Column.text("task", ComparisonRow::task, "what was asked"),
          Column.text("split", ComparisonRow::split, "part of the task's data"),
          Column.text("pair_by", ComparisonRow::pairBy, "the parameter that tells the pairs apart"),
          Column.text("pair_value", ComparisonRow::pairValue, "its value for a and b"),
          Column.text("a", row -> row.a().recipe(), "preset or name of the recipe compared"),
          Column.text("a_label", row -> row.a().label(), "that recipe in full, as text"),
          Column.text("a_trial_id", row -> row.a().trialId(), "its trial, as in model_metrics"),
          Column.text("b", row -> row.b().recipe(), "preset or name of the recipe against it"),
          Column.text("b_label", row -> row.b().label(), "that recipe in full, as text"),
          Column.text("b_trial_id", row -> row.b().trialId(), "its trial, as in model_metrics"),
          Column.int32("n", row -> row.test().n(), "rows that both answered"),
          Column.int32("a_correct", row -> row.a().correct(), "rows that a answered correctly"),
          Column.int32("b_correct", row -> row.b().correct(), "rows that b answered correctly"),
          Column.int32(
              "only_a", row -> row.test().onlyA(), "rows that a answered correctly and b did not"),
          Column.int32(
              "only_b", row -> row.test().onlyB(), "rows that b answered correctly and a did not"),
          Column.real(
              "p_value",
              row -> row.test().pValue(),
              "McNemar's exact test of equal accuracy, two-sided"),
          Column.real(
              "p_holm",
              row -> row.test().pHolm(),
              "p_value with Holm's correction over all tests of the comparison"),
          Column.int32(
              "tests",
              row -> row.test().tests(),
              "tests of the comparison, all its pairs; one whose models failed counts and has no"
                  + " row"),
          Column.real(
              "a_effective_bits",
              row -> row.a().effectiveBits(),
              "stored bits of a per weight over the compressed matrices"),
          Column.real("b_effective_bits", row -> row.b().effectiveBits(), "the same of b"));

  /** Checks that the identity is there. */
  public ComparisonRow {
    Objects.requireNonNull(comparisonId, "comparisonId");
  }

  @Override
  public Table table() {
    return Table.COMPARISONS;
  }

  /**
   * One of the two models.
   *
   * @param recipe what was done to all matrices
   * @param label the recipe in full
   * @param trialId the trial
   * @param correct rows answered correctly
   * @param effectiveBits per weight of the compressed matrices
   */
  public record Side(String recipe, String label, String trialId, int correct, double effectiveBits)
      implements Serializable {
    /** Checks that the identity is there. */
    public Side {
      Objects.requireNonNull(trialId, "trialId");
    }
  }

  /**
   * McNemar's test.
   *
   * @param n rows
   * @param onlyA rows that only the one gets right
   * @param onlyB rows that only the other gets right
   * @param pValue of the test
   * @param pHolm corrected
   * @param tests that it was corrected for
   */
  public record Test(int n, int onlyA, int onlyB, double pValue, double pHolm, int tests)
      implements Serializable {}
}
