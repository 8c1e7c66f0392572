"""How good a finished model is on a channel: the figures that AWS's Linear Learner tells, by its names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from algorithms.linear_learner.calibration import f_score

Figure = tuple[str, float, str]  # name, value, loss or score


def binary(scores: np.ndarray, y: np.ndarray, threshold: float, beta: float) -> Iterator[Figure]:
    """Of scores and labels, both (rows,)."""
    said = scores >= threshold
    true = float((said & (y == 1)).sum())
    precision, recall = true / max(said.sum(), 1), true / max((y == 1).sum(), 1)
    yield "binary_classification_accuracy", float((said == (y == 1)).mean()), "score"
    yield f"binary_f_{beta:.3f}", float(f_score(np.array(precision), np.array(recall), beta)), "score"
    yield "precision", float(precision), "score"
    yield "recall", float(recall), "score"
    auc = roc_auc(scores, y)
    if auc is not None:
        yield "roc_auc_score", auc, "score"


def multiclass(p: np.ndarray, y: np.ndarray, values: Mapping[str, Any]) -> Iterator[Figure]:
    """Of class scores (rows, classes) and classes (rows,)."""
    classes, beta = p.shape[1], float(values.get("f_beta", 1.0))
    k = min(int(values.get("accuracy_top_k", 3)), classes)
    rank = (p > np.take_along_axis(p, y[:, None], axis=1)).sum(axis=1)
    said = p.argmax(axis=1)
    hits = np.bincount(y[said == y], minlength=classes).astype(float)
    taken, there = np.bincount(said, minlength=classes), np.bincount(y, minlength=classes)
    seen = there > 0  # a class without rows has no recall to speak of
    precision, recall = (hits / np.maximum(taken, 1))[seen], (hits / np.maximum(there, 1))[seen]
    yield "multiclass_accuracy", float((said == y).mean()), "score"
    yield f"multiclass_top_k_accuracy_{k}", float((rank < k).mean()), "score"
    yield "dcg", float((1 / np.log2(rank + 2)).mean()), "score"
    yield "macro_recall", float(recall.mean()), "score"
    yield "macro_precision", float(precision.mean()), "score"
    yield f"macro_f_{beta:.3f}", float(f_score(precision, recall, beta).mean()), "score"


def regression(predicted: np.ndarray, y: np.ndarray) -> Iterator[Figure]:
    """Of predictions and labels, both (rows,)."""
    error = predicted.astype(np.float64) - y
    mse = float((error * error).mean())
    yield "mse", mse, "loss"
    yield "rmse", mse**0.5, "loss"
    yield "absolute_loss", float(np.abs(error).mean()), "loss"


def roc_auc(scores: np.ndarray, y: np.ndarray) -> float | None:
    """The area under the ROC curve; None when there is one class only. Equal scores count half."""
    ones = int((y == 1).sum())
    if not 0 < ones < len(y):
        return None
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    return float((ranks[place][y == 1].sum() - ones * (ones + 1) / 2) / (ones * (len(y) - ones)))
