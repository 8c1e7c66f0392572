"""The figures XGBoost lacks and AWS's container adds: accuracy, f1, precision, recall, mse, r2 and their kin.

Same definitions as scikit-learn's, which the container calls; numpy only, so that a trainer need not import it.
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
    """What xgboost.train calls after each round for the figures in `names`."""

    def evaluate(predictions: np.ndarray, matrix: Any) -> list[tuple[str, float]]:
        truth = matrix.get_label()
        return [(name, score(name, truth, predictions, objective)) for name in names]

    return evaluate


def score(name: str, truth: np.ndarray, predictions: np.ndarray, objective: str) -> float:
    """The figure `name`. `predictions` are what the model answers with: probabilities, classes or values."""
    if name == "mse":
        return float(np.mean((truth - predictions) ** 2))
    if name == "r2":
        spread = float(np.sum((truth - truth.mean()) ** 2))
        rest = float(np.sum((truth - predictions) ** 2))
        return 1.0 - rest / spread if spread else float(rest == 0)
    given = as_classes(predictions, objective)
    if np.any(truth != np.round(truth)):
        raise ValueError("Classification metrics can't handle a mix of continuous and binary targets")
    labels = np.union1d(truth, given)
    hits = np.array([np.sum((truth == c) & (given == c)) for c in labels], float)
    actual = np.array([np.sum(truth == c) for c in labels], float)
    claimed = np.array([np.sum(given == c) for c in labels], float)
    recall, precision = _ratio(hits, actual), _ratio(hits, claimed)
    if name == "accuracy" or name.endswith("_micro"):
        return float(hits.sum() / len(truth))
    if name == "balanced_accuracy":
        return float(recall[actual > 0].mean())
    figure = {"f1": _ratio(2 * hits, actual + claimed), "precision": precision, "recall": recall}[name.split("_")[0]]
    if name == "f1" or name.endswith("_macro"):
        return float(figure.mean())
    if len(labels) > 2 or not set(labels) <= {0.0, 1.0}:
        raise ValueError(_BINARY)
    return float(figure[labels == 1.0].sum())  # the positive class alone; 0 if it never occurs


def as_classes(predictions: np.ndarray, objective: str) -> np.ndarray:
    """The class each prediction means."""
    if predictions.ndim > 1:
        return np.argmax(predictions, axis=-1).astype(float)
    if objective == "binary:logitraw":
        return (predictions > 0).astype(float)
    if objective in ("binary:logistic", "reg:logistic"):
        return (predictions > 0.5).astype(float)
    if objective in ("binary:hinge", "multi:softmax"):
        return predictions.astype(float)
    return (predictions > 0.0).astype(float)  # what the container does with any other objective's answers


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
