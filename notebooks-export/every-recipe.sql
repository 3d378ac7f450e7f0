-- What did every recipe cost: in bits, in error, in accuracy; and does the difference mean anything?
--
-- One row per recipe and metric, smallest first; a sweep that evaluated nothing has no task and no metric.
--   matrices     that the recipe compressed
--   bits         stored bits per weight over them
--   error        root mean square of the relative errors of the matrices
--   worst        largest of these errors
--   value        the metric, with its 95 % interval low to high, on n inputs
--   difference   value less the dense model's on the same inputs
--   p_value      McNemar's exact test of equal accuracy with the dense model; NULL for scores
--   agreement, kl, embedding_cosine   how far its answers are from the dense model's, right or wrong: share of equal
--                answers, divergence of class probabilities in nats, cosine of embeddings; NULL where not measured
--   differs      p_value below 0.05 after Bonferroni's correction for the number of recipes tested
--
-- Run it:  ./submit.sh sql OUT file=notebooks-export/every-recipe.sql
-- DuckDB:  the same text, after duckdb-views.sql beside it
WITH recipes AS (
  SELECT sweep, model, label,
    count(*) AS matrices,
    8 * sum(CAST(stored_bytes AS DOUBLE)) / sum(CAST(results.rows AS DOUBLE) * cols) AS bits,
    sqrt(avg(relative_error * relative_error)) AS error,
    max(relative_error) AS worst
  FROM results
  GROUP BY sweep, model, label)
SELECT r.sweep, r.model, r.label, r.matrices, r.bits, r.error, r.worst,
  m.task, m.split, m.metric, m.n, m.value, m.low, m.high, m.difference,
  m.agreement, m.kl, m.embedding_cosine, m.p_value,
  m.p_value * count(m.p_value) OVER (PARTITION BY m.sweep, m.model, m.task, m.split, m.n, m.metric) < 0.05
    AS differs
FROM recipes AS r
  LEFT JOIN model_metrics AS m ON m.sweep = r.sweep AND m.model = r.model AND m.label = r.label
ORDER BY r.sweep, r.model, m.task NULLS LAST, m.split NULLS LAST, m.n NULLS LAST, m.metric NULLS LAST,
  r.bits, r.label, m.trial_id;
