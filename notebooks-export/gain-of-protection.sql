-- What does protecting a few weights buy, at equal bits?
--
-- One row per recipe that protects weights, and metric; smallest first. Each stands beside two others:
--   bare   the same quantizer with nothing protected: what protection adds, but also a little smaller
--   rtn    of the round-to-nearest recipes no more than a tenth of a bit larger, the one with the least error: what
--          the same bits buy when they are spent on scales or on codes instead
-- A sweep that evaluated nothing has no metric. NULL where the sweep has no such recipe to stand beside.
--   kept                       weights protected, over all matrices
--   bits, bare_bits, rtn_bits  stored bits per weight
--   error, bare_-, rtn_error   root mean square of the relative errors of the matrices
--   error_over_bare, -_rtn     ratio of the errors: below 1 protection is closer to the weights
--   value                      the metric on n inputs
--   value_over_bare, -_rtn     difference of the metric: above 0 protection answers better
--
-- Run it:  ./submit.sh sql OUT file=notebooks-export/gain-of-protection.sql
-- DuckDB:  the same text, after duckdb-views.sql beside it
WITH recipes AS (
  SELECT sweep, model, recipe, label,
    max(bits) AS code_bits,
    max(rank) AS low_rank,
    CAST(sum(keep) AS BIGINT) AS kept,
    min(parameters['grid']) AS grid,
    min(parameters['granularity']) AS granularity,
    min(parameters['clip']) AS clip,
    count(*) AS matrices,
    8 * sum(CAST(stored_bytes AS DOUBLE)) / sum(CAST(results.rows AS DOUBLE) * cols) AS bits,
    sqrt(avg(relative_error * relative_error)) AS error
  FROM results
  GROUP BY sweep, model, recipe, label),
compared AS (
  SELECT p.*,
    bare.label AS bare, bare.bits AS bare_bits, bare.error AS bare_error,
    rtn.label AS rtn, rtn.bits AS rtn_bits, rtn.error AS rtn_error,
    row_number() OVER (
      PARTITION BY p.sweep, p.model, p.label
      ORDER BY rtn.error NULLS LAST, rtn.bits, rtn.label, bare.label) AS place
  FROM recipes AS p
    LEFT JOIN recipes AS bare
      ON bare.sweep = p.sweep AND bare.model = p.model AND bare.matrices = p.matrices
      AND bare.kept IS NULL AND bare.low_rank IS NULL
      AND (bare.recipe = 'rtn' OR bare.recipe LIKE '%-preserve')
      AND bare.code_bits = p.code_bits AND bare.grid = p.grid AND bare.granularity = p.granularity
      AND bare.clip = p.clip
    LEFT JOIN recipes AS rtn
      ON rtn.sweep = p.sweep AND rtn.model = p.model AND rtn.matrices = p.matrices
      AND rtn.recipe = 'rtn' AND rtn.bits <= p.bits + 0.1
  WHERE p.kept > 0),
-- A recipe that was asked in several ways, with inputs of another length say, counts as it was asked last.
measured AS (
  SELECT *
  FROM (
    SELECT m.*, row_number() OVER (
      PARTITION BY sweep, model, label, task, split, n, metric ORDER BY committed_at DESC, trial_id) AS newest
    FROM model_metrics AS m) AS asked
  WHERE newest = 1)
SELECT c.sweep, c.model, c.label, c.kept, c.bits, c.error,
  c.bare, c.bare_bits, c.bare_error, c.error / nullif(c.bare_error, 0) AS error_over_bare,
  c.rtn, c.rtn_bits, c.rtn_error, c.error / nullif(c.rtn_error, 0) AS error_over_rtn,
  m.task, m.split, m.metric, m.n, m.value,
  m.value - bare_m.value AS value_over_bare,
  m.value - rtn_m.value AS value_over_rtn
FROM compared AS c
  LEFT JOIN measured AS m ON m.sweep = c.sweep AND m.model = c.model AND m.label = c.label
  LEFT JOIN measured AS bare_m
    ON bare_m.sweep = m.sweep AND bare_m.model = m.model AND bare_m.label = c.bare
    AND bare_m.task = m.task AND bare_m.split = m.split AND bare_m.n = m.n AND bare_m.metric = m.metric
  LEFT JOIN measured AS rtn_m
    ON rtn_m.sweep = m.sweep AND rtn_m.model = m.model AND rtn_m.label = c.rtn
    AND rtn_m.task = m.task AND rtn_m.split = m.split AND rtn_m.n = m.n AND rtn_m.metric = m.metric
WHERE c.place = 1
ORDER BY c.sweep, c.model, m.task NULLS LAST, m.split NULLS LAST, m.n NULLS LAST, m.metric NULLS LAST, c.bits, c.label;
