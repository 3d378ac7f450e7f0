"""Writes reference_metrics.json: what numpy 2.4, scipy 1.17, scikit-learn 1.9 and statsmodels 0.15 say.

python reference_metrics.py > reference_metrics.json
"""

import json

import numpy as np
from scipy.special import log_softmax
from scipy.stats import binomtest, bootstrap, pearsonr, spearmanr
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef
from statsmodels.stats.proportion import proportion_confint

rng = np.random.default_rng(20)
out = {}


def interval(statistic, *columns):
    result = bootstrap(
        columns,
        statistic,
        paired=True,
        vectorized=False,
        n_resamples=20000,
        method="percentile",
        rng=np.random.default_rng(1),
    ).confidence_interval
    return [result.low, result.high]


classified = []
for classes, n, skill in [(2, 60, 0.5), (2, 400, 0.7), (3, 90, 0.4), (2, 25, 0.0)]:
    gold = rng.integers(0, classes, n)
    predicted = np.where(rng.random(n) < skill, gold, rng.integers(0, classes, n))
    case = {
        "classes": classes,
        "gold": gold.tolist(),
        "predicted": predicted.tolist(),
        "accuracy": accuracy_score(gold, predicted),
        "matthews": matthews_corrcoef(gold, predicted),
        "f1": f1_score(gold, predicted, labels=[1], average=None, zero_division=0)[0],
    }
    if n == 400:
        case["matthews_interval"] = interval(matthews_corrcoef, gold, predicted)
        case["f1_interval"] = interval(f1_score, gold, predicted)
    classified.append(case)
out["classified"] = classified

scored = []
for n, decimals in [(50, 6), (300, 1), (40, 0)]:
    gold = np.round(rng.uniform(0, 5, n), decimals)
    predicted = np.round(gold + rng.normal(0, 1.5, n) + 100, decimals)
    case = {
        "gold": gold.tolist(),
        "predicted": predicted.tolist(),
        "pearson": pearsonr(gold, predicted).statistic,
        "spearman": spearmanr(gold, predicted).statistic,
    }
    if n == 300:
        case["pearson_interval"] = interval(lambda a, b: pearsonr(a, b).statistic, gold, predicted)
        case["spearman_interval"] = interval(lambda a, b: spearmanr(a, b).statistic, gold, predicted)
    scored.append(case)
out["scored"] = scored

out["wilson"] = [
    [k, n, *proportion_confint(k, n, 0.05, "wilson")]
    for k, n in [(0, 1), (1, 1), (0, 277), (277, 277), (186, 277), (336, 408), (4537, 5463), (1, 3), (20000, 40430)]
]
out["mcnemar"] = [
    [b, c, binomtest(b, b + c, 0.5).pvalue]
    for b, c in [(0, 1), (1, 0), (5, 5), (0, 10), (3, 11), (40, 62), (7, 6), (120, 121), (900, 1100), (0, 1000), (3, 2500)]
]

dense = rng.normal(0, 4, (30, 3)).astype(np.float32)
compressed = (dense + rng.normal(0, 1, dense.shape)).astype(np.float32)
p = log_softmax(dense.astype(np.float64), axis=1)
q = log_softmax(compressed.astype(np.float64), axis=1)
a, b = dense.astype(np.float64), compressed.astype(np.float64)
out["fidelity"] = {
    "width": 3,
    "dense": dense.ravel().tolist(),
    "compressed": compressed.ravel().tolist(),
    "kl": float(np.mean(np.sum(np.exp(p) * (p - q), axis=1))),
    "cosine": float(
        np.mean(np.sum(a * b, axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1))
    ),
}
print(json.dumps(out))
