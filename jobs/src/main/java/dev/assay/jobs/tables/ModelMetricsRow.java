package dev.assay.jobs.tables;

import java.io.Serializable;
import java.util.List;
import java.util.Objects;

/**
 * A row of {@code model_metrics}: one metric of one compressed model on one task.
 *
 * @param trialId content address of the model's cells and of the question
 * @param model the checkpoint's name
 * @param architecture the checkpoint's architecture
 * @param recipe what was done
 * @param label the trial's name: of a uniform one the recipe in full
 * @param origin how the trial came about
 * @param task the task
 * @param split its part
 * @param measured the metric
 * @param against the dense model on the same rows
 * @param size what the model takes
 * @param treatments what reading, label mapping and tokenizing decided
 * @param seconds processor time of the forward passes
 * @param examplesPerSecond rows over that time
 */
public record ModelMetricsRow(
    String trialId,
    String model,
    String architecture,
    String recipe,
    String label,
    String origin,
    String task,
    String split,
    Measured measured,
    Against against,
    Size size,
    List<String> treatments,
    double seconds,
    double examplesPerSecond)
    implements TableRow {
  static final List<Column<ModelMetricsRow>> COLUMNS =
      List.of(
          Column.text(
              "trial_id",
              ModelMetricsRow::trialId,
              "SHA-256 over the cells of the model and everything that determines the question"),
          Column.text("model", ModelMetricsRow::model, "name of the checkpoint"),
          Column.text("architecture", ModelMetricsRow::architecture, "its architecture"),
          Column.text("recipe", ModelMetricsRow::recipe, "preset or name of the recipe"),
          Column.text(
              "label",
              ModelMetricsRow::label,
              "the trial's name: of a uniform one the recipe in full, as text"),
          Column.optionalText(
              "origin",
              ModelMetricsRow::origin,
              "how the trial came about: uniform (one recipe on all units) or allocated; NULL before"
                  + " version 2"),
          Column.text("task", ModelMetricsRow::task, "what was asked"),
          Column.text("split", ModelMetricsRow::split, "part of the task's data"),
          Column.text("metric", row -> row.measured().metric(), "accuracy, f1, matthews, …"),
          Column.real("value", row -> row.measured().value(), "the metric; NaN where undefined"),
          Column.int32("n", row -> row.measured().n(), "rows it was measured on"),
          Column.optionalInt32(
              "correct",
              row -> row.measured().correct(),
              "rows answered correctly; NULL where answers are scores, not classes"),
          Column.real("low", row -> row.measured().low(), "lower end of the 95 % interval"),
          Column.real("high", row -> row.measured().high(), "upper end of the 95 % interval"),
          Column.real("dense_value", row -> row.against().value(), "the dense model's value"),
          Column.real(
              "difference", row -> row.against().difference(), "value less the dense model's"),
          Column.optionalReal(
              "p_value",
              row -> row.against().pValue(),
              "McNemar's exact test of equal accuracy with the dense model; NULL for scores"),
          Column.optionalReal(
              "agreement",
              row -> row.against().agreement(),
              "share of rows answered as the dense model does; NULL for scores"),
          Column.optionalReal(
              "kl",
              row -> row.against().kl(),
              "mean KL(dense ‖ compressed) of class probabilities, nats; NULL without logits"),
          Column.optionalReal(
              "embedding_cosine",
              row -> row.against().cosine(),
              "mean cosine of both models' embeddings; NULL without embeddings"),
          Column.real(
              "effective_bits",
              row -> row.size().effectiveBits(),
              "stored bits per weight over the compressed matrices"),
          Column.real(
              "model_bits",
              row -> row.size().modelBits(),
              "stored bits per parameter over the whole model, all other tensors as they are"),
          Column.int64("stored_bytes", row -> row.size().storedBytes(), "bytes of the whole model"),
          Column.texts(
              "treatments",
              ModelMetricsRow::treatments,
              "what reading the data, mapping labels and tokenizing decided"),
          Column.real(
              "seconds",
              ModelMetricsRow::seconds,
              "time of the forward passes, all tasks added, s"),
          Column.real(
              "examples_per_second", ModelMetricsRow::examplesPerSecond, "rows over that time"));

  /** Checks that the identity is there. */
  public ModelMetricsRow {
    Objects.requireNonNull(trialId, "trialId");
    treatments = List.copyOf(treatments);
  }

  @Override
  public Table table() {
    return Table.MODEL_METRICS;
  }

  /**
   * A metric.
   *
   * @param metric its name
   * @param value NaN where undefined
   * @param n rows
   * @param correct rows answered correctly, or null for scores
   * @param low of the 95 % interval
   * @param high of the 95 % interval
   */
  public record Measured(
      String metric, double value, int n, Integer correct, double low, double high)
      implements Serializable {}

  /**
   * The dense model on the same rows. Components that the task does not have are null.
   *
   * @param value its metric
   * @param difference of the compressed model from it
   * @param pValue McNemar's exact test
   * @param agreement share of equal answers
   * @param kl of class probabilities
   * @param cosine of embeddings
   */
  public record Against(
      double value, double difference, Double pValue, Double agreement, Double kl, Double cosine)
      implements Serializable {}

  /**
   * What a compressed model takes.
   *
   * @param effectiveBits per weight of the compressed matrices
   * @param modelBits per parameter of the whole model
   * @param storedBytes of the whole model
   */
  public record Size(double effectiveBits, double modelBits, long storedBytes)
      implements Serializable {}
}
