"""Computes the metrics that AWS's Linear Learner logs for a trained model, by AWS's names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from algorithms.linear_learner.calibration import f_score

Figure = tuple[str, float, str]  # name, value, loss or score


def binary(scores: np.ndarray, y: np.ndarray, threshold: float, beta: float) -> Iterator[Figure]:
    """Yield the metrics of scores and labels, both (rows,)."""
    predicted = scores >= threshold
    true = float((predicted & (y == 1)).sum())
    precision, recall = true / max(predicted.sum(), 1), true / max((y == 1).sum(), 1)
    yield "binary_classification_accuracy", float((predicted == (y == 1)).mean()), "score"
    yield f"binary_f_{beta:.3f}", float(f_score(np.array(precision), np.array(recall), beta)), "score"
    yield "precision", float(precision), "score"
    yield "recall", float(recall), "score"
    auc = roc_auc(scores, y)
    if auc is not None:
        yield "roc_auc_score", auc, "score"


def multiclass(p: np.ndarray, y: np.ndarray, values: Mapping[str, Any]) -> Iterator[Figure]:
    """Yield the metrics of class scores (rows, classes) and classes (rows,)."""
    classes, beta = p.shape[1], float(values.get("f_beta", 1.0))
    k = min(int(values.get("accuracy_top_k", 3)), classes)
    rank = (p > np.take_along_axis(p, y[:, None], axis=1)).sum(axis=1)
    predicted = p.argmax(axis=1)
    hits = np.bincount(y[predicted == y], minlength=classes).astype(float)
    predicted_counts, label_counts = np.bincount(predicted, minlength=classes), np.bincount(y, minlength=classes)
    is_present = label_counts > 0  # a class without rows has no recall
    precision, recall = (
        (hits / np.maximum(predicted_counts, 1))[is_present],
        (hits / np.maximum(label_counts, 1))[is_present],
    )
    yield "multiclass_accuracy", float((predicted == y).mean()), "score"
    yield f"multiclass_top_k_accuracy_{k}", float((rank < k).mean()), "score"
    yield "dcg", float((1 / np.log2(rank + 2)).mean()), "score"
    yield "macro_recall", float(recall.mean()), "score"
    yield "macro_precision", float(precision.mean()), "score"
    yield f"macro_f_{beta:.3f}", float(f_score(precision, recall, beta).mean()), "score"


def regression(predicted: np.ndarray, y: np.ndarray) -> Iterator[Figure]:
    """Yield the metrics of predictions and labels, both (rows,)."""
    error = predicted.astype(np.float64) - y
    mse = float((error * error).mean())
    yield "mse", mse, "loss"
    yield "rmse", mse**0.5, "loss"
    yield "absolute_loss", float(np.abs(error).mean()), "loss"


def roc_auc(scores: np.ndarray, y: np.ndarray) -> float | None:
    """Return the area under the ROC curve, None for a single class. Equal scores count half."""
    ones = int((y == 1).sum())
    if not 0 < ones < len(y):
        return None
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    return float((ranks[inverse][y == 1].sum() - ones * (ones + 1) / 2) / (ones * (len(y) - ones)))
