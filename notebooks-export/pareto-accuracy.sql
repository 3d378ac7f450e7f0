-- The Pareto front of bits and accuracy: nothing smaller is as good, and nothing as small is better.
--
-- One row per recipe on the front of a model, task and metric, smallest first; recipes that tie are all there.
-- The front is of the values as they came out: where alike is not 0, the metric does not tell that a place on it is
-- more than chance, and kl or embedding_cosine are the better guide.
--   bits         stored bits per weight over the compressed matrices
--   model_bits   stored bits per parameter over the whole model
--   value        the metric, with its 95 % interval low to high, on n inputs
--   difference   value less the dense model's on the same inputs
--   alike        smaller recipes whose value lies in this one's interval
--   kl, embedding_cosine   how far its outputs are from the dense model's; NULL where not measured
--   beaten       recipes that are no smaller and no better than this one, and worse in one of the two
--
-- Run it:  ./submit.sh sql OUT file=notebooks-export/pareto-accuracy.sql
-- DuckDB:  the same text, after duckdb-views.sql beside it
SELECT a.sweep, a.model, a.task, a.split, a.metric, a.label,
  a.effective_bits AS bits, a.model_bits, a.n, a.value, a.low, a.high, a.difference,
  a.kl, a.embedding_cosine,
  count(CASE WHEN b.effective_bits < a.effective_bits AND b.value >= a.low THEN 1 END) AS alike,
  count(CASE WHEN b.effective_bits >= a.effective_bits AND b.value <= a.value
    AND (b.effective_bits > a.effective_bits OR b.value < a.value) THEN 1 END) AS beaten
FROM model_metrics AS a
  JOIN model_metrics AS b
    ON b.sweep = a.sweep AND b.model = a.model AND b.task = a.task AND b.split = a.split AND b.n = a.n
    AND b.metric = a.metric
WHERE NOT isnan(a.value) AND NOT isnan(b.value)
GROUP BY a.sweep, a.model, a.task, a.split, a.metric, a.label, a.trial_id,
  a.effective_bits, a.model_bits, a.n, a.value, a.low, a.high, a.difference, a.kl, a.embedding_cosine
HAVING count(CASE WHEN b.effective_bits <= a.effective_bits AND b.value >= a.value
  AND (b.effective_bits < a.effective_bits OR b.value > a.value) THEN 1 END) = 0
ORDER BY a.sweep, a.model, a.task, a.split, a.n, a.metric, bits, a.label, a.trial_id;
