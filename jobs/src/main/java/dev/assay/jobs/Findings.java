package dev.assay.jobs;

import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Row;

/**
 * What a reader of a sweep's table looks for first, as SQL over its tables.
 *
 * <p>The best of many noisy answers is flattered by chance. So recipes whose value lies in the 95 %
 * interval of the highest are taken for alike, and ranked by fidelity: by how far their outputs are
 * from the dense model's (KL of class probabilities, or 1 − cosine of embeddings), which shows
 * damage long before answers do.
 */
final class Findings {
  /** The bits that a reader is told the best within. */
  static final int BUDGET = 5;

  private static final int SHOWN = 10;

  /** Every task has one of these, the metric it is usually judged by. */
  static final String FIRST_METRIC =
      """
      SELECT *, if(isnan(kl), NULL, kl) AS divergence,
        if(isnan(embedding_cosine), NULL, embedding_cosine) AS closeness
      FROM model_metrics JOIN global_temp.planned_trials USING (trial_id)
      WHERE metric IN ('accuracy', 'matthews', 'spearman')
      """;

  /**
   * The recipes within the budget that the metric cannot tell from the highest, of those that
   * answered as many rows as most did.
   */
  private static final String ALIKE =
      String.format(
          Locale.ROOT,
          """
      WITH tried AS (SELECT *, count(*) OVER (PARTITION BY metric, n) AS with_n
            FROM (%s) WHERE NOT isnan(value) AND effective_bits <= %d),
          most AS (SELECT *, max(struct(with_n, n)) OVER (PARTITION BY metric) AS most FROM tried),
          one_n AS (SELECT *, count(*) OVER (PARTITION BY metric) AS within,
              first_value(low) OVER (PARTITION BY metric ORDER BY value DESC, low DESC) AS lowest,
              first_value(high) OVER (PARTITION BY metric ORDER BY value DESC, low DESC) AS highest
            FROM most WHERE n = most.n),
          alike AS (SELECT *, count(*) OVER (PARTITION BY metric) AS together,
              row_number() OVER (PARTITION BY metric
                ORDER BY coalesce(divergence, 1 - closeness) NULLS LAST, value DESC,
                  effective_bits, planned_label) AS place
            FROM one_n WHERE value >= lowest)
          """,
          FIRST_METRIC,
          BUDGET);

  /**
   * What there is to tell.
   *
   * @param outputs whether output errors were measured
   * @param fidelity columns that say how close outputs are to the dense model's, with their names
   *     in the report; none or one
   */
  record Measured(boolean outputs, String fidelity) {
    /** What to ask for it. */
    static final String SQL =
        "SELECT (SELECT count(*) FROM output_metrics SEMI JOIN global_temp.planned_cells"
            + " USING (cell_id)) > 0 AS outputs, count(divergence) > 0 AS kl,"
            + " count(closeness) > 0 AS cosine FROM ("
            + FIRST_METRIC
            + ")";

    static Measured of(Row row) {
      return new Measured(
          row.getBoolean(0),
          row.getBoolean(1)
              ? ", round(divergence, 5) AS kl"
              : row.getBoolean(2) ? ", round(closeness, 5) AS cosine" : "");
    }
  }

  private final Measured measured;

  Findings(Measured measured) {
    this.measured = measured;
  }

  /**
   * The smallest recipe that a test, or where there is none an interval, does not speak against.
   */
  String fewestBits() {
    return """
        SELECT if(p_value IS NULL, 'fewest bits with dense in the 95 %% interval (no test of scores)',
            'fewest bits without a significant loss (p >= 0.05)') AS finding,
          planned_label AS recipe, round(effective_bits, 3) AS bits, metric,
          round(value, 4) AS value, round(p_value, 4) AS p%s
        FROM (%s) WHERE NOT isnan(value)
          AND if(p_value IS NULL, high >= dense_value, p_value >= 0.05 OR difference >= 0)
        ORDER BY effective_bits, planned_label LIMIT 1
        """
        .formatted(measured.fidelity(), FIRST_METRIC);
  }

  /** What {@link #sentence} needs: a row, or none where nothing is within the budget. */
  static String together() {
    return ALIKE + "SELECT metric, together, within, lowest, highest, n FROM alike WHERE place = 1";
  }

  /** What the metric cannot tell. */
  String sentence(List<Row> together) {
    if (together.isEmpty()) {
      return "";
    }
    Row row = together.get(0);
    return row.getLong(1) == 1
        ? String.format(
            Locale.ROOT,
            "Best of the %d models at %d bits or fewer by %s (n = %d):",
            row.getLong(2),
            BUDGET,
            row.getString(0),
            row.getInt(5))
        : String.format(
            Locale.ROOT,
            "%s (n = %d) cannot tell %d of the %d models at %d bits or fewer apart: they lie in the"
                + " interval of the highest,%n%.3f to %.3f. %s:",
            capitalized(row.getString(0)),
            row.getInt(5),
            row.getLong(1),
            row.getLong(2),
            BUDGET,
            row.getDouble(3),
            row.getDouble(4),
            measured.fidelity().isEmpty()
                ? "The highest of them"
                : "Those closest to the dense model's outputs");
  }

  /** The recipes that {@link #sentence} is about. */
  String alike() {
    return ALIKE
        + String.format(
            Locale.ROOT,
            """
            SELECT planned_label AS recipe, round(effective_bits, 3) AS bits,
              round(value, 4) AS value, round(difference, 4) AS difference,
              round(p_value, 4) AS p%s
            FROM alike WHERE place <= %d ORDER BY place
            """,
            measured.fidelity(),
            SHOWN);
  }

  private static String capitalized(String word) {
    return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
  }
}
