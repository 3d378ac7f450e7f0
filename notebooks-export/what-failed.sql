-- What failed, and why?
--
-- One row per way a cell can end, what failed first; a sweep without failures shows its DONE cells alone.
--   error_class, error_message   the error; the message alone is a note of a cell that is DONE
--   cells, matrices, recipes     how many ended like that
--   example_matrix, -_recipe     one of them
--
-- Run it:  ./submit.sh sql OUT file=notebooks-export/what-failed.sql
-- DuckDB:  the same text, after duckdb-views.sql beside it
SELECT sweep, model, status, error_class, error_message,
  count(*) AS cells,
  count(DISTINCT unit) AS matrices,
  count(DISTINCT label) AS recipes,
  min(unit) AS example_matrix,
  min(label) AS example_recipe
FROM cells
GROUP BY sweep, model, status, error_class, error_message
ORDER BY CASE status WHEN 'FAILED' THEN 0 ELSE 1 END, cells DESC, sweep, model,
  error_class NULLS LAST, error_message NULLS LAST;
