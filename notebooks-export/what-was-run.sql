-- What was run: when, on what, and how much of it there is?
--
-- One row per run and model, in the order of their starts; a run that computed no cell has no model.
--   status         STARTED (still at work, or killed), DONE, FAILED or INTERRUPTED
--   minutes        from the run's start to its end, to the second; NULL in a run that has not ended
--   gflops         measured rate of one BLAS thread in single precision, 10^9 operations/s
--   recipes        of which this run computed a cell
--   matrices       of which this run computed a cell
--   done, failed   cells of this run whose newest row it is
--
-- Run it:  ./submit.sh sql OUT file=notebooks-export/what-was-run.sql
-- DuckDB:  the same text, after duckdb-views.sql beside it
WITH computed AS (
  SELECT run_id, model, architecture,
    count(DISTINCT label) AS recipes,
    count(DISTINCT unit) AS matrices,
    count(CASE WHEN status = 'DONE' THEN 1 END) AS done,
    count(CASE WHEN status = 'FAILED' THEN 1 END) AS failed
  FROM cells
  GROUP BY run_id, model, architecture)
SELECT r.sweep, r.run_id, r.command, r.status, r.started_at,
  extract(DAY FROM r.ended_at - r.started_at) * 1440 + extract(HOUR FROM r.ended_at - r.started_at) * 60
    + extract(MINUTE FROM r.ended_at - r.started_at)
    + floor(extract(SECOND FROM r.ended_at - r.started_at)) / CAST(60 AS DOUBLE) AS minutes,
  r.assay_version, r.git_commit, r.spark_version, r.java_version, r.os, r.cpu_count, r.master,
  r.blas_backend, r.blas_gflops_f32 AS gflops,
  c.model, c.architecture, c.recipes, c.matrices, c.done, c.failed
FROM runs AS r LEFT JOIN computed AS c ON c.run_id = r.run_id
ORDER BY r.started_at, r.run_id, c.model;
