-- The views of an output in DuckDB: names, columns and rows are those of ./submit.sh sql.
--
--   SET VARIABLE out = 'out';   -- the output folder, or the folder of one sweep in it
--   .read notebooks-export/duckdb-views.sql
--
-- Files that land afterwards are seen when it is read again. DuckDbViewsTest writes this file from the
-- schemas of the tables and the definitions of Spark's views, and fails where the two differ.

SET VARIABLE out = coalesce(getvariable('out'), 'out');

-- A table's files, one folder for every run, without what is hidden.
CREATE OR REPLACE TEMP MACRO landed_files(name) AS (
  SELECT list(file ORDER BY file)
  FROM (
    SELECT file FROM glob(getvariable('out') || '/' || name || '/run=*/part-*.parquet')
    UNION ALL
    SELECT file FROM glob(getvariable('out') || '/*/' || name || '/run=*/part-*.parquet'))
  WHERE NOT regexp_matches(substr(file, length(getvariable('out')) + 1), '/[._]'));

-- allocations: its columns, every row that ever landed, and the newest row of each identity.
CREATE OR REPLACE TEMP TABLE allocations_columns (
  "schema_version" INTEGER, "run_id" VARCHAR, "sweep" VARCHAR, "allocation_id" VARCHAR, "allocation" VARCHAR,
  "model" VARCHAR, "unit" VARCHAR, "cell_id" VARCHAR, "label" VARCHAR, "stored_bytes" BIGINT, "loss" DOUBLE,
  "objective" VARCHAR, "budget_bytes" BIGINT, "total_bytes" BIGINT, "total_loss" DOUBLE, "loss_bound" DOUBLE,
  "committed_at" TIMESTAMP WITH TIME ZONE);
SET VARIABLE allocations_files = landed_files('allocations');
CREATE OR REPLACE TEMP VIEW allocations_landed AS
FROM allocations_columns UNION ALL BY NAME
FROM query(CASE WHEN getvariable('allocations_files') IS NULL THEN 'FROM allocations_columns' ELSE
  'FROM read_parquet(getvariable(''allocations_files''), hive_partitioning = false, union_by_name = true)' END);
CREATE OR REPLACE TEMP VIEW allocations AS
SELECT a.schema_version, a.run_id, a.sweep, a.allocation_id, a.allocation, a.model, a.unit, a.cell_id,
    a.label, a.stored_bytes, a.loss, a.objective, a.budget_bytes, a.total_bytes, a.total_loss, a.loss_bound,
    a.committed_at
FROM (SELECT a.*, row_number() OVER (PARTITION BY a.sweep, a.allocation_id, a.unit
  ORDER BY a.committed_at DESC, a.run_id DESC) AS newest FROM allocations_landed AS a) AS a
WHERE a.newest = 1;

-- cells: its columns, every row that ever landed, and the newest row of each identity.
CREATE OR REPLACE TEMP TABLE cells_columns (
  "schema_version" INTEGER, "run_id" VARCHAR, "sweep" VARCHAR, "cell_id" VARCHAR, "model" VARCHAR,
  "architecture" VARCHAR, "site" VARCHAR, "unit" VARCHAR, "recipe" VARCHAR, "label" VARCHAR,
  "aliases" VARCHAR[], "parameters" MAP(VARCHAR, VARCHAR), "recipe_json" VARCHAR, "bits" INTEGER,
  "group_size" INTEGER, "rank" INTEGER, "keep" BIGINT, "sparsity" DOUBLE, "factorizer" VARCHAR, "seed" BIGINT,
  "status" VARCHAR, "error_class" VARCHAR, "error_message" VARCHAR, "attempts" INTEGER, "seconds" DOUBLE,
  "host" VARCHAR, "executor" VARCHAR, "committed_at" TIMESTAMP WITH TIME ZONE);
SET VARIABLE cells_files = landed_files('cells');
CREATE OR REPLACE TEMP VIEW cells_landed AS
FROM cells_columns UNION ALL BY NAME
FROM query(CASE WHEN getvariable('cells_files') IS NULL THEN 'FROM cells_columns' ELSE
  'FROM read_parquet(getvariable(''cells_files''), hive_partitioning = false, union_by_name = true)' END);
CREATE OR REPLACE TEMP VIEW cells AS
SELECT a.schema_version, a.run_id, a.sweep, a.cell_id, a.model, a.architecture, a.site, a.unit, a.recipe,
    a.label, a.aliases, a.parameters, a.recipe_json, a.bits, a.group_size, a.rank, a.keep, a.sparsity,
    a.factorizer, a.seed, a.status, a.error_class, a.error_message, a.attempts, a.seconds, a.host, a.executor,
    a.committed_at
FROM (SELECT a.*, row_number() OVER (PARTITION BY a.sweep, a.cell_id
  ORDER BY a.committed_at DESC, a.run_id DESC) AS newest FROM cells_landed AS a) AS a
WHERE a.newest = 1;

-- comparisons: its columns, every row that ever landed, and the newest row of each identity.
CREATE OR REPLACE TEMP TABLE comparisons_columns (
  "schema_version" INTEGER, "run_id" VARCHAR, "sweep" VARCHAR, "comparison_id" VARCHAR, "comparison" VARCHAR,
  "model" VARCHAR, "task" VARCHAR, "split" VARCHAR, "pair_by" VARCHAR, "pair_value" VARCHAR, "a" VARCHAR,
  "a_label" VARCHAR, "a_trial_id" VARCHAR, "b" VARCHAR, "b_label" VARCHAR, "b_trial_id" VARCHAR, "n" INTEGER,
  "a_correct" INTEGER, "b_correct" INTEGER, "only_a" INTEGER, "only_b" INTEGER, "p_value" DOUBLE,
  "p_holm" DOUBLE, "tests" INTEGER, "a_effective_bits" DOUBLE, "b_effective_bits" DOUBLE,
  "committed_at" TIMESTAMP WITH TIME ZONE);
SET VARIABLE comparisons_files = landed_files('comparisons');
CREATE OR REPLACE TEMP VIEW comparisons_landed AS
FROM comparisons_columns UNION ALL BY NAME
FROM query(CASE WHEN getvariable('comparisons_files') IS NULL THEN 'FROM comparisons_columns' ELSE
  'FROM read_parquet(getvariable(''comparisons_files''), hive_partitioning = false, union_by_name = true)' END);
CREATE OR REPLACE TEMP VIEW comparisons AS
SELECT a.schema_version, a.run_id, a.sweep, a.comparison_id, a.comparison, a.model, a.task, a.split,
    a.pair_by, a.pair_value, a.a, a.a_label, a.a_trial_id, a.b, a.b_label, a.b_trial_id, a.n, a.a_correct,
    a.b_correct, a.only_a, a.only_b, a.p_value, a.p_holm, a.tests, a.a_effective_bits, a.b_effective_bits,
    a.committed_at
FROM (SELECT a.*, row_number() OVER (PARTITION BY a.sweep, a.comparison_id, a.a_trial_id, a.b_trial_id
  ORDER BY a.committed_at DESC, a.run_id DESC) AS newest FROM comparisons_landed AS a) AS a
WHERE a.newest = 1;

-- layer_metrics: its columns, every row that ever landed, and the newest row of each identity.
CREATE OR REPLACE TEMP TABLE layer_metrics_columns (
  "schema_version" INTEGER, "run_id" VARCHAR, "sweep" VARCHAR, "cell_id" VARCHAR, "model" VARCHAR,
  "architecture" VARCHAR, "layer" INTEGER, "unit" VARCHAR, "matrix" VARCHAR, "role" VARCHAR, "rows" INTEGER,
  "cols" INTEGER, "dtype" VARCHAR, "relative_error" DOUBLE, "sqnr_db" DOUBLE, "max_abs_error" DOUBLE,
  "cosine" DOUBLE, "non_finite" BIGINT, "effective_bits" DOUBLE, "stored_bytes" BIGINT,
  "committed_at" TIMESTAMP WITH TIME ZONE);
SET VARIABLE layer_metrics_files = landed_files('layer_metrics');
CREATE OR REPLACE TEMP VIEW layer_metrics_landed AS
FROM layer_metrics_columns UNION ALL BY NAME
FROM query(CASE WHEN getvariable('layer_metrics_files') IS NULL THEN 'FROM layer_metrics_columns' ELSE
  'FROM read_parquet(getvariable(''layer_metrics_files''), hive_partitioning = false, union_by_name = true)' END);
CREATE OR REPLACE TEMP VIEW layer_metrics AS
SELECT a.schema_version, a.run_id, a.sweep, a.cell_id, a.model, a.architecture, a.layer, a.unit, a.matrix,
    a.role, a.rows, a.cols, a.dtype, a.relative_error, a.sqnr_db, a.max_abs_error, a.cosine, a.non_finite,
    a.effective_bits, a.stored_bytes, a.committed_at
FROM (SELECT a.*, row_number() OVER (PARTITION BY a.sweep, a.cell_id, a.matrix
  ORDER BY a.committed_at DESC, a.run_id DESC) AS newest FROM layer_metrics_landed AS a) AS a
WHERE a.newest = 1;

-- model_metrics: its columns, every row that ever landed, and the newest row of each identity.
CREATE OR REPLACE TEMP TABLE model_metrics_columns (
  "schema_version" INTEGER, "run_id" VARCHAR, "sweep" VARCHAR, "trial_id" VARCHAR, "model" VARCHAR,
  "architecture" VARCHAR, "recipe" VARCHAR, "label" VARCHAR, "origin" VARCHAR, "task" VARCHAR,
  "split" VARCHAR, "metric" VARCHAR, "value" DOUBLE, "n" INTEGER, "correct" INTEGER, "low" DOUBLE,
  "high" DOUBLE, "dense_value" DOUBLE, "difference" DOUBLE, "p_value" DOUBLE, "agreement" DOUBLE, "kl" DOUBLE,
  "embedding_cosine" DOUBLE, "effective_bits" DOUBLE, "model_bits" DOUBLE, "stored_bytes" BIGINT,
  "treatments" VARCHAR[], "seconds" DOUBLE, "examples_per_second" DOUBLE,
  "committed_at" TIMESTAMP WITH TIME ZONE);
SET VARIABLE model_metrics_files = landed_files('model_metrics');
CREATE OR REPLACE TEMP VIEW model_metrics_landed AS
FROM model_metrics_columns UNION ALL BY NAME
FROM query(CASE WHEN getvariable('model_metrics_files') IS NULL THEN 'FROM model_metrics_columns' ELSE
  'FROM read_parquet(getvariable(''model_metrics_files''), hive_partitioning = false, union_by_name = true)' END);
CREATE OR REPLACE TEMP VIEW model_metrics AS
SELECT a.schema_version, a.run_id, a.sweep, a.trial_id, a.model, a.architecture, a.recipe, a.label, a.origin,
    a.task, a.split, a.metric, a.value, a.n, a.correct, a.low, a.high, a.dense_value, a.difference, a.p_value,
    a.agreement, a.kl, a.embedding_cosine, a.effective_bits, a.model_bits, a.stored_bytes, a.treatments,
    a.seconds, a.examples_per_second, a.committed_at
FROM (SELECT a.*, row_number() OVER (PARTITION BY a.sweep, a.trial_id, a.metric
  ORDER BY a.committed_at DESC, a.run_id DESC) AS newest FROM model_metrics_landed AS a) AS a
WHERE a.newest = 1;

-- output_metrics: its columns, every row that ever landed, and the newest row of each identity.
CREATE OR REPLACE TEMP TABLE output_metrics_columns (
  "schema_version" INTEGER, "run_id" VARCHAR, "sweep" VARCHAR, "cell_id" VARCHAR, "statistics_id" VARCHAR,
  "model" VARCHAR, "layer" INTEGER, "matrix" VARCHAR, "relative_output_error" DOUBLE, "tokens" BIGINT,
  "committed_at" TIMESTAMP WITH TIME ZONE);
SET VARIABLE output_metrics_files = landed_files('output_metrics');
CREATE OR REPLACE TEMP VIEW output_metrics_landed AS
FROM output_metrics_columns UNION ALL BY NAME
FROM query(CASE WHEN getvariable('output_metrics_files') IS NULL THEN 'FROM output_metrics_columns' ELSE
  'FROM read_parquet(getvariable(''output_metrics_files''), hive_partitioning = false, union_by_name = true)' END);
CREATE OR REPLACE TEMP VIEW output_metrics AS
SELECT a.schema_version, a.run_id, a.sweep, a.cell_id, a.statistics_id, a.model, a.layer, a.matrix,
    a.relative_output_error, a.tokens, a.committed_at
FROM (SELECT a.*, row_number() OVER (PARTITION BY a.sweep, a.cell_id, a.statistics_id, a.matrix
  ORDER BY a.committed_at DESC, a.run_id DESC) AS newest FROM output_metrics_landed AS a) AS a
WHERE a.newest = 1;

-- predictions: its columns, every row that ever landed, and the newest row of each identity.
CREATE OR REPLACE TEMP TABLE predictions_columns (
  "schema_version" INTEGER, "run_id" VARCHAR, "sweep" VARCHAR, "trial_id" VARCHAR, "label" VARCHAR,
  "task" VARCHAR, "split" VARCHAR, "row" INTEGER, "values" DOUBLE[], "committed_at" TIMESTAMP WITH TIME ZONE);
SET VARIABLE predictions_files = landed_files('predictions');
CREATE OR REPLACE TEMP VIEW predictions_landed AS
FROM predictions_columns UNION ALL BY NAME
FROM query(CASE WHEN getvariable('predictions_files') IS NULL THEN 'FROM predictions_columns' ELSE
  'FROM read_parquet(getvariable(''predictions_files''), hive_partitioning = false, union_by_name = true)' END);
CREATE OR REPLACE TEMP VIEW predictions AS
SELECT a.schema_version, a.run_id, a.sweep, a.trial_id, a.label, a.task, a.split, a.row, a.values,
    a.committed_at
FROM (SELECT a.*, row_number() OVER (PARTITION BY a.sweep, a.trial_id, a.row
  ORDER BY a.committed_at DESC, a.run_id DESC) AS newest FROM predictions_landed AS a) AS a
WHERE a.newest = 1;

-- runs: its columns, every row that ever landed, and the newest row of each identity.
CREATE OR REPLACE TEMP TABLE runs_columns (
  "schema_version" INTEGER, "run_id" VARCHAR, "sweep" VARCHAR, "command" VARCHAR, "status" VARCHAR,
  "config" VARCHAR, "config_hash" VARCHAR, "left_out" VARCHAR[], "assay_version" VARCHAR,
  "git_commit" VARCHAR, "spark_version" VARCHAR, "scala_version" VARCHAR, "hadoop_version" VARCHAR,
  "java_version" VARCHAR, "os" VARCHAR, "cpu_count" INTEGER, "host" VARCHAR, "master" VARCHAR,
  "blas_backend" VARCHAR, "blas_gflops_f64" DOUBLE, "blas_gflops_f32" DOUBLE, "executors" MAP(VARCHAR,
  VARCHAR), "started_at" TIMESTAMP WITH TIME ZONE, "ended_at" TIMESTAMP WITH TIME ZONE,
  "cells_planned" BIGINT, "cells_done" BIGINT, "cells_failed" BIGINT, "cells_skipped" BIGINT,
  "committed_at" TIMESTAMP WITH TIME ZONE);
SET VARIABLE runs_files = landed_files('runs');
CREATE OR REPLACE TEMP VIEW runs_landed AS
FROM runs_columns UNION ALL BY NAME
FROM query(CASE WHEN getvariable('runs_files') IS NULL THEN 'FROM runs_columns' ELSE
  'FROM read_parquet(getvariable(''runs_files''), hive_partitioning = false, union_by_name = true)' END);
CREATE OR REPLACE TEMP VIEW runs AS
SELECT a.schema_version, a.run_id, a.sweep, a.command, a.status, a.config, a.config_hash, a.left_out,
    a.assay_version, a.git_commit, a.spark_version, a.scala_version, a.hadoop_version, a.java_version, a.os,
    a.cpu_count, a.host, a.master, a.blas_backend, a.blas_gflops_f64, a.blas_gflops_f32, a.executors,
    a.started_at, a.ended_at, a.cells_planned, a.cells_done, a.cells_failed, a.cells_skipped, a.committed_at
FROM (SELECT a.*, row_number() OVER (PARTITION BY a.run_id
  ORDER BY a.committed_at DESC, a.run_id DESC) AS newest FROM runs_landed AS a) AS a
WHERE a.newest = 1;

-- selection_overlap: its columns, every row that ever landed, and the newest row of each identity.
CREATE OR REPLACE TEMP TABLE selection_overlap_columns (
  "schema_version" INTEGER, "run_id" VARCHAR, "sweep" VARCHAR, "overlap_id" VARCHAR, "model" VARCHAR,
  "layer" INTEGER, "matrix" VARCHAR, "keep" BIGINT, "a" VARCHAR, "a_parameters" MAP(VARCHAR, VARCHAR),
  "b" VARCHAR, "b_parameters" MAP(VARCHAR, VARCHAR), "shared" BIGINT, "iou" DOUBLE,
  "committed_at" TIMESTAMP WITH TIME ZONE);
SET VARIABLE selection_overlap_files = landed_files('selection_overlap');
CREATE OR REPLACE TEMP VIEW selection_overlap_landed AS
FROM selection_overlap_columns UNION ALL BY NAME
FROM query(CASE WHEN getvariable('selection_overlap_files') IS NULL THEN 'FROM selection_overlap_columns' ELSE
  'FROM read_parquet(getvariable(''selection_overlap_files''), hive_partitioning = false, union_by_name = true)' END);
CREATE OR REPLACE TEMP VIEW selection_overlap AS
SELECT a.schema_version, a.run_id, a.sweep, a.overlap_id, a.model, a.layer, a.matrix, a.keep, a.a,
    a.a_parameters, a.b, a.b_parameters, a.shared, a.iou, a.committed_at
FROM (SELECT a.*, row_number() OVER (PARTITION BY a.sweep, a.overlap_id
  ORDER BY a.committed_at DESC, a.run_id DESC) AS newest FROM selection_overlap_landed AS a) AS a
WHERE a.newest = 1;

-- spectrum: its columns, every row that ever landed, and the newest row of each identity.
CREATE OR REPLACE TEMP TABLE spectrum_columns (
  "schema_version" INTEGER, "run_id" VARCHAR, "sweep" VARCHAR, "factors_id" VARCHAR, "model" VARCHAR,
  "matrix" VARCHAR, "rows" INTEGER, "cols" INTEGER, "factorizer" VARCHAR, "index" INTEGER,
  "singular_value" DOUBLE, "cumulative_energy" DOUBLE, "stable_rank" DOUBLE, "effective_rank" DOUBLE,
  "reference" VARCHAR, "reference_value" DOUBLE, "deviation" DOUBLE, "committed_at" TIMESTAMP WITH TIME ZONE);
SET VARIABLE spectrum_files = landed_files('spectrum');
CREATE OR REPLACE TEMP VIEW spectrum_landed AS
FROM spectrum_columns UNION ALL BY NAME
FROM query(CASE WHEN getvariable('spectrum_files') IS NULL THEN 'FROM spectrum_columns' ELSE
  'FROM read_parquet(getvariable(''spectrum_files''), hive_partitioning = false, union_by_name = true)' END);
CREATE OR REPLACE TEMP VIEW spectrum AS
SELECT a.schema_version, a.run_id, a.sweep, a.factors_id, a.model, a.matrix, a.rows, a.cols, a.factorizer,
    a.index, a.singular_value, a.cumulative_energy, a.stable_rank, a.effective_rank, a.reference,
    a.reference_value, a.deviation, a.committed_at
FROM (SELECT a.*, row_number() OVER (PARTITION BY a.sweep, a.factors_id, a.index
  ORDER BY a.committed_at DESC, a.run_id DESC) AS newest FROM spectrum_landed AS a) AS a
WHERE a.newest = 1;

-- The cells that are done, with what they cost.
CREATE OR REPLACE TEMP VIEW results AS
SELECT c.sweep, c.cell_id, c.run_id, c.model, c.architecture, c.site, c.unit, c.recipe,
  c.label, c.parameters, c.bits, c.group_size, c.rank, c.keep, c.sparsity, c.factorizer,
  c.seed, c.seconds, m.layer, m.matrix, m.role, m.rows, m.cols, m.dtype, m.relative_error,
  m.sqnr_db, m.max_abs_error, m.cosine, m.non_finite, m.effective_bits, m.stored_bytes
FROM cells AS c JOIN layer_metrics AS m ON m.sweep = c.sweep AND m.cell_id = c.cell_id
WHERE c.status = 'DONE';

-- How many files there are.
SELECT * FROM (VALUES
  ('allocations', coalesce(len(getvariable('allocations_files')), 0)),
  ('cells', coalesce(len(getvariable('cells_files')), 0)),
  ('comparisons', coalesce(len(getvariable('comparisons_files')), 0)),
  ('layer_metrics', coalesce(len(getvariable('layer_metrics_files')), 0)),
  ('model_metrics', coalesce(len(getvariable('model_metrics_files')), 0)),
  ('output_metrics', coalesce(len(getvariable('output_metrics_files')), 0)),
  ('predictions', coalesce(len(getvariable('predictions_files')), 0)),
  ('runs', coalesce(len(getvariable('runs_files')), 0)),
  ('selection_overlap', coalesce(len(getvariable('selection_overlap_files')), 0)),
  ('spectrum', coalesce(len(getvariable('spectrum_files')), 0))) AS found ("table", files);
