-- Which recipe is best within each budget of bits?
--
-- One row per model, task, metric and budget, of the recipes whose effective bits are within the budget. The best of
-- many noisy values is flattered by chance: recipes whose value lies in the 95 % interval of the highest are taken
-- for alike, and the best is the one of them whose outputs are closest to the dense model's: least divergence, or
-- highest cosine; where neither was measured the highest value. A budget that no recipe keeps has no row.
--   budget       bits per weight over the compressed matrices; a tenth of a bit more is let pass, for scales
--   recipes      how many are within the budget
--   alike        how many of them the metric cannot tell from the highest
--   highest      the highest value
--   bits         stored bits per weight of the best
--   value        its metric, with its 95 % interval low to high, on n inputs
--   difference   value less the dense model's on the same inputs
--   p_value      McNemar's exact test of equal accuracy with the dense model; NULL for scores
--   kl, embedding_cosine   how far its outputs are from the dense model's; NULL where not measured
--   rtn, -_bits, -_value   the best round-to-nearest recipe within the budget, by the same rule
--
-- Run it:  ./submit.sh sql OUT file=notebooks-export/best-per-budget.sql
-- DuckDB:  the same text, after duckdb-views.sql beside it
WITH budgets AS (
  SELECT CAST(budget AS DOUBLE) AS budget
  FROM (VALUES (2.0), (2.5), (3.0), (3.5), (4.0), (4.5), (5.0), (6.0), (8.0), (16.0)) AS given (budget)),
candidates AS (
  SELECT m.*, b.budget,
    CASE WHEN NOT isnan(m.kl) THEN m.kl WHEN NOT isnan(m.embedding_cosine) THEN 1 - m.embedding_cosine END AS far,
    count(*) OVER (PARTITION BY m.sweep, m.model, m.task, m.split, m.n, m.metric, b.budget) AS recipes,
    first_value(m.value) OVER (
      PARTITION BY m.sweep, m.model, m.task, m.split, m.n, m.metric, b.budget
      ORDER BY m.value DESC, m.low DESC) AS highest,
    first_value(m.low) OVER (
      PARTITION BY m.sweep, m.model, m.task, m.split, m.n, m.metric, b.budget
      ORDER BY m.value DESC, m.low DESC) AS lowest,
    first_value(m.low) OVER (
      PARTITION BY m.sweep, m.model, m.task, m.split, m.n, m.metric, b.budget, m.recipe
      ORDER BY m.value DESC, m.low DESC) AS lowest_in_recipe
  FROM model_metrics AS m JOIN budgets AS b ON m.effective_bits <= b.budget + 0.1
  WHERE NOT isnan(m.value)),
ranked AS (
  SELECT c.*,
    count(CASE WHEN value >= lowest THEN 1 END) OVER (
      PARTITION BY sweep, model, task, split, n, metric, budget) AS alike,
    row_number() OVER (
      PARTITION BY sweep, model, task, split, n, metric, budget
      ORDER BY CASE WHEN value >= lowest THEN 0 ELSE 1 END, far NULLS LAST, value DESC,
        effective_bits, label, trial_id) AS place,
    row_number() OVER (
      PARTITION BY sweep, model, task, split, n, metric, budget, recipe
      ORDER BY CASE WHEN value >= lowest_in_recipe THEN 0 ELSE 1 END, far NULLS LAST, value DESC,
        effective_bits, label, trial_id) AS place_in_recipe
  FROM candidates AS c)
SELECT best.sweep, best.model, best.task, best.split, best.metric, best.budget, best.recipes, best.alike,
  best.highest, best.label, best.effective_bits AS bits, best.n, best.value, best.low, best.high, best.difference,
  best.p_value, best.kl, best.embedding_cosine,
  rtn.label AS rtn, rtn.effective_bits AS rtn_bits, rtn.value AS rtn_value
FROM ranked AS best
  LEFT JOIN ranked AS rtn
    ON rtn.recipe = 'rtn' AND rtn.place_in_recipe = 1
    AND rtn.sweep = best.sweep AND rtn.model = best.model AND rtn.task = best.task AND rtn.split = best.split
    AND rtn.n = best.n AND rtn.metric = best.metric AND rtn.budget = best.budget
WHERE best.place = 1
ORDER BY best.sweep, best.model, best.task, best.split, best.n, best.metric, best.budget;
