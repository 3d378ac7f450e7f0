-- Does the error of the weights tell the accuracy?
--
-- One row per model, task and metric: Spearman's rank correlation over the recipes, dense left out, between what was
-- measured on weights and what was measured on answers. -1: the larger the error the worse, without exception;
-- 0: the error says nothing. NULL where one of the two is the same everywhere, also
-- but for rounding, or where it was not measured.
--   recipes              how many are compared
--   error_value          rank correlation of the recipe's error (root mean square over matrices) with the metric
--   worst_value          of its worst matrix's error with the metric
--   bits_value           of its bits per weight with the metric
--   error_agreement      of its error with the share of inputs answered as the dense model does
--   error_cosine         of its error with the cosine of its embeddings and the dense model's
--
-- Run it:  ./submit.sh sql OUT file=notebooks-export/error-against-accuracy.sql
-- DuckDB:  the same text, after duckdb-views.sql beside it
WITH recipes AS (
  SELECT sweep, model, label,
    8 * sum(CAST(stored_bytes AS DOUBLE)) / sum(CAST(results.rows AS DOUBLE) * cols) AS bits,
    sqrt(avg(relative_error * relative_error)) AS error,
    max(relative_error) AS worst
  FROM results
  WHERE recipe <> 'dense'
  GROUP BY sweep, model, label),
asked AS (
  SELECT m.sweep, m.model, m.task, m.split, m.metric, m.n, r.bits, r.error, r.worst,
    m.value, m.agreement,
    CASE WHEN NOT isnan(m.embedding_cosine) THEN m.embedding_cosine END AS cosine
  FROM recipes AS r
    JOIN model_metrics AS m ON m.sweep = r.sweep AND m.model = r.model AND m.label = r.label
  WHERE r.error IS NOT NULL AND NOT isnan(r.error) AND NOT isnan(m.value)),
-- What differs by no more than rounding is no measure: its rank would be the rounding's.
measured AS (
  SELECT sweep, model, task, split, metric, n,
    CASE WHEN max(bits) OVER w - min(bits) OVER w > 1e-6 * max(abs(bits)) OVER w THEN bits END AS bits,
    CASE WHEN max(error) OVER w - min(error) OVER w > 1e-6 * max(abs(error)) OVER w THEN error END AS error,
    CASE WHEN max(worst) OVER w - min(worst) OVER w > 1e-6 * max(abs(worst)) OVER w THEN worst END AS worst,
    CASE WHEN max(value) OVER w - min(value) OVER w > 1e-6 * max(abs(value)) OVER w THEN value END AS value,
    CASE WHEN max(agreement) OVER w - min(agreement) OVER w > 1e-6 * max(abs(agreement)) OVER w
      THEN agreement END AS agreement,
    CASE WHEN max(cosine) OVER w - min(cosine) OVER w > 1e-6 * max(abs(cosine)) OVER w THEN cosine END AS cosine
  FROM asked
  WINDOW w AS (PARTITION BY sweep, model, task, split, metric, n)),
-- Ranks, each half a rank too high; equal values share the mean of theirs. A model whose embeddings have no direction
-- is the farthest from the dense one.
ranked AS (
  SELECT sweep, model, task, split, metric, n,
    rank() OVER (PARTITION BY sweep, model, task, split, metric, n ORDER BY bits NULLS LAST)
      + count(*) OVER (PARTITION BY sweep, model, task, split, metric, n, bits) / CAST(2 AS DOUBLE) AS bits,
    rank() OVER (PARTITION BY sweep, model, task, split, metric, n ORDER BY error NULLS LAST)
      + count(*) OVER (PARTITION BY sweep, model, task, split, metric, n, error) / CAST(2 AS DOUBLE) AS error,
    rank() OVER (PARTITION BY sweep, model, task, split, metric, n ORDER BY worst NULLS LAST)
      + count(*) OVER (PARTITION BY sweep, model, task, split, metric, n, worst) / CAST(2 AS DOUBLE) AS worst,
    rank() OVER (PARTITION BY sweep, model, task, split, metric, n ORDER BY value NULLS LAST)
      + count(*) OVER (PARTITION BY sweep, model, task, split, metric, n, value) / CAST(2 AS DOUBLE) AS value,
    rank() OVER (PARTITION BY sweep, model, task, split, metric, n ORDER BY agreement NULLS LAST)
      + count(*) OVER (PARTITION BY sweep, model, task, split, metric, n, agreement) / CAST(2 AS DOUBLE) AS agreement,
    rank() OVER (PARTITION BY sweep, model, task, split, metric, n ORDER BY cosine NULLS FIRST)
      + count(*) OVER (PARTITION BY sweep, model, task, split, metric, n, cosine) / CAST(2 AS DOUBLE) AS cosine
  FROM measured)
SELECT sweep, model, task, split, metric, n,
  count(*) AS recipes,
  covar_pop(error, value) / nullif(stddev_pop(error) * stddev_pop(value), 0) AS error_value,
  covar_pop(worst, value) / nullif(stddev_pop(worst) * stddev_pop(value), 0) AS worst_value,
  covar_pop(bits, value) / nullif(stddev_pop(bits) * stddev_pop(value), 0) AS bits_value,
  covar_pop(error, agreement) / nullif(stddev_pop(error) * stddev_pop(agreement), 0) AS error_agreement,
  covar_pop(error, cosine) / nullif(stddev_pop(error) * stddev_pop(cosine), 0) AS error_cosine
FROM ranked
GROUP BY sweep, model, task, split, metric, n
ORDER BY sweep, model, task, split, n, metric;
