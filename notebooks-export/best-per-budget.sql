-- Which recipe is best within each budget of bits?
--
-- One row per model, task, metric and budget: of the recipes whose effective bits are within the budget, the one
-- with the highest value; of equal ones the smallest. A budget that no recipe keeps has no row. The best of many
-- is flattered by chance: read its interval, and what round-to-nearest reaches in the same budget.
--   budget       bits per weight over the compressed matrices; a tenth of a bit more is let pass, for scales
--   recipes      how many are within the budget
--   bits         stored bits per weight of the best
--   value        the metric, with its 95 % interval low to high, on n inputs
--   difference   value less the dense model's on the same inputs
--   p_value      McNemar's exact test of equal accuracy with the dense model; NULL for scores
--   rtn, -_bits, -_value   the best round-to-nearest recipe within the budget
--
-- Run it:  ./submit.sh sql OUT file=notebooks-export/best-per-budget.sql
-- DuckDB:  the same text, after duckdb-views.sql beside it
WITH budgets AS (
  SELECT CAST(budget AS DOUBLE) AS budget
  FROM (VALUES (2.0), (2.5), (3.0), (3.5), (4.0), (4.5), (5.0), (6.0), (8.0), (16.0)) AS given (budget)),
candidates AS (
  SELECT m.*, b.budget,
    row_number() OVER (
      PARTITION BY m.sweep, m.model, m.task, m.split, m.n, m.metric, b.budget
      ORDER BY m.value DESC, m.effective_bits, m.label, m.trial_id) AS place,
    row_number() OVER (
      PARTITION BY m.sweep, m.model, m.task, m.split, m.n, m.metric, b.budget, m.recipe
      ORDER BY m.value DESC, m.effective_bits, m.label, m.trial_id) AS place_in_recipe,
    count(*) OVER (PARTITION BY m.sweep, m.model, m.task, m.split, m.n, m.metric, b.budget) AS recipes
  FROM model_metrics AS m JOIN budgets AS b ON m.effective_bits <= b.budget + 0.1
  WHERE NOT isnan(m.value))
SELECT best.sweep, best.model, best.task, best.split, best.metric, best.budget, best.recipes,
  best.label, best.effective_bits AS bits, best.n, best.value, best.low, best.high, best.difference, best.p_value,
  rtn.label AS rtn, rtn.effective_bits AS rtn_bits, rtn.value AS rtn_value
FROM candidates AS best
  LEFT JOIN candidates AS rtn
    ON rtn.recipe = 'rtn' AND rtn.place_in_recipe = 1
    AND rtn.sweep = best.sweep AND rtn.model = best.model AND rtn.task = best.task AND rtn.split = best.split
    AND rtn.n = best.n AND rtn.metric = best.metric AND rtn.budget = best.budget
WHERE best.place = 1
ORDER BY best.sweep, best.model, best.task, best.split, best.n, best.metric, best.budget;
