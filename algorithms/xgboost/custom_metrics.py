"""Computes the metrics that AWS's container adds to XGBoost: accuracy, f1, precision, recall, mse, r2 and variants.

The definitions are scikit-learn's, which the container uses. Written with numpy, so that a trainer does not import it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_BINARY = (
    "Target is multiclass but average='binary'. Please choose another average setting, "
    "one of [None, 'micro', 'macro', 'weighted']."
)


def custom_metric(names: list[str], objective: str) -> Callable[[np.ndarray, Any], list[tuple[str, float]]]:
    """Return a `custom_metric` callback of xgboost.train for the metrics in `names`."""

    def evaluate(predictions: np.ndarray, matrix: Any) -> list[tuple[str, float]]:
        truth = matrix.get_label()
        return [(name, score(name, truth, predictions, objective)) for name in names]

    return evaluate


def score(name: str, truth: np.ndarray, predictions: np.ndarray, objective: str) -> float:
    """Return the metric `name`. `predictions` are probabilities, classes or values. Raises ValueError."""
    if name == "mse":
        return float(np.mean((truth - predictions) ** 2))
    if name == "r2":
        spread = float(np.sum((truth - truth.mean()) ** 2))
        residual = float(np.sum((truth - predictions) ** 2))
        return 1.0 - residual / spread if spread else float(residual == 0)
    predicted = as_classes(predictions, objective)
    if np.any(truth != np.round(truth)):
        raise ValueError("Classification metrics can't handle a mix of continuous and binary targets")
    labels = np.union1d(truth, predicted)
    hits = np.array([np.sum((truth == c) & (predicted == c)) for c in labels], float)
    label_counts = np.array([np.sum(truth == c) for c in labels], float)
    predicted_counts = np.array([np.sum(predicted == c) for c in labels], float)
    recall, precision = _ratio(hits, label_counts), _ratio(hits, predicted_counts)
    if name == "accuracy" or name.endswith("_micro"):
        return float(hits.sum() / len(truth))
    if name == "balanced_accuracy":
        return float(recall[label_counts > 0].mean())
    figure = {"f1": _ratio(2 * hits, label_counts + predicted_counts), "precision": precision, "recall": recall}[
        name.split("_")[0]
    ]
    if name == "f1" or name.endswith("_macro"):
        return float(figure.mean())
    if len(labels) > 2 or not set(labels) <= {0.0, 1.0}:
        raise ValueError(_BINARY)
    return float(figure[labels == 1.0].sum())  # the positive class alone; 0 if it never occurs


def as_classes(predictions: np.ndarray, objective: str) -> np.ndarray:
    """Convert predictions to classes, (rows,)."""
    if predictions.ndim > 1:
        return np.argmax(predictions, axis=-1).astype(float)
    if objective == "binary:logitraw":
        return (predictions > 0).astype(float)
    if objective in ("binary:logistic", "reg:logistic"):
        return (predictions > 0.5).astype(float)
    if objective in ("binary:hinge", "multi:softmax"):
        return predictions.astype(float)
    return (predictions > 0.0).astype(float)  # as in the container, for any other objective


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
