-- The Pareto front of bits and error: nothing smaller is as close to the weights, and nothing as small is closer.
--
-- One row per recipe on the front of a model, smallest first; it needs no evaluation. Only recipes that compressed
-- every matrix of the sweep are compared.
--   bits     stored bits per weight over the matrices
--   error    root mean square of the relative errors of the matrices
--   worst    largest of these errors
--   beaten   recipes that are no smaller and no closer than this one, and worse in one of the two
--
-- Run it:  ./submit.sh sql OUT file=notebooks-export/pareto-error.sql
-- DuckDB:  the same text, after duckdb-views.sql beside it
WITH recipes AS (
  SELECT sweep, model, label,
    count(relative_error) AS matrices,
    8 * sum(CAST(stored_bytes AS DOUBLE)) / sum(CAST(results.rows AS DOUBLE) * cols) AS bits,
    sqrt(avg(relative_error * relative_error)) AS error,
    max(relative_error) AS worst
  FROM results
  GROUP BY sweep, model, label),
complete AS (
  SELECT *
  FROM (SELECT r.*, max(r.matrices) OVER (PARTITION BY r.sweep, r.model) AS most FROM recipes AS r) AS counted
  WHERE matrices = most AND NOT isnan(error))
SELECT a.sweep, a.model, a.label, a.matrices, a.bits, a.error, a.worst,
  count(CASE WHEN b.bits >= a.bits AND b.error >= a.error AND (b.bits > a.bits OR b.error > a.error) THEN 1 END)
    AS beaten
FROM complete AS a JOIN complete AS b ON b.sweep = a.sweep AND b.model = a.model
GROUP BY a.sweep, a.model, a.label, a.matrices, a.bits, a.error, a.worst
HAVING count(CASE WHEN b.bits <= a.bits AND b.error <= a.error AND (b.bits < a.bits OR b.error < a.error) THEN 1 END)
  = 0
ORDER BY a.sweep, a.model, a.bits, a.label;
