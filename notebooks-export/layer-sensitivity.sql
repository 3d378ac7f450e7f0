-- Which layers and which kinds of matrix suffer most, at each bit width?
--
-- One row per bit width, kind of matrix and layer, what suffers most first. Every recipe with that many bits per
-- code is a probe: how many times its own typical error does it make here? So a clumsy recipe counts as much as a
-- fine one. This is the error of weights; what it does to answers depends on the inputs too.
--   bits                   bits per code, the recipe's nominal ones
--   kind                   the matrix's name with * for its layer
--   recipes                how many probes
--   error                  median of their relative errors
--   sensitivity            mean of error / root mean square of that recipe's errors: 1 is a typical matrix
--   sensitivity_lowest, -_highest   over the recipes
--
-- Run it:  ./submit.sh sql OUT file=notebooks-export/layer-sensitivity.sql
-- DuckDB:  the same text, after duckdb-views.sql beside it
WITH probes AS (
  SELECT r.*, sqrt(avg(relative_error * relative_error) OVER (PARTITION BY sweep, model, label)) AS typical
  FROM results AS r
  WHERE bits IS NOT NULL AND relative_error IS NOT NULL),
ratios AS (
  SELECT sweep, model, bits, layer, label, relative_error, relative_error / typical AS ratio,
    CASE WHEN layer IS NULL THEN matrix ELSE replace(matrix, concat('.', layer, '.'), '.*.') END AS kind
  FROM probes
  WHERE typical > 0)
SELECT sweep, model, bits, kind, layer,
  count(DISTINCT label) AS recipes,
  median(relative_error) AS error,
  avg(ratio) AS sensitivity,
  min(ratio) AS sensitivity_lowest,
  max(ratio) AS sensitivity_highest
FROM ratios
GROUP BY sweep, model, bits, kind, layer
ORDER BY sweep, model, bits, sensitivity DESC, kind, layer NULLS FIRST;
