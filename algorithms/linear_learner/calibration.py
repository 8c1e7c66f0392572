"""Finds the decision threshold of a binary classifier by the selected criterion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def find_threshold(scores: np.ndarray, y: np.ndarray, values: Mapping[str, Any], middle: float) -> tuple[float, float]:
    """Return (threshold, value of the criterion) for scores and labels, both (rows,). Higher values are better.

    `middle` is the default threshold (0.5 for a probability). It is the result for loss_function and breaks ties.
    """
    criterion = values.get("binary_classifier_model_selection_criteria", "accuracy")
    if criterion == "loss_function":
        return middle, 0.0
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order].astype(np.float64), y[order].astype(np.float64)
    ends = np.flatnonzero(np.append(np.diff(ranked) != 0, True))  # equal scores cannot be separated
    # Cut i predicts the first positives[i] rows as class 1. Any threshold above lower[i] and up to upper[i] gives it.
    positives, true = np.append(0, ends + 1.0), np.append(0, np.cumsum(hits)[ends])
    margin = 1e-6 * max(1.0, abs(ranked[0]), abs(ranked[-1]))
    upper = np.append(ranked[0] + 2 * margin, ranked[ends])
    lower = np.append(ranked[ends - np.diff(positives).astype(int) + 1], ranked[-1] - 2 * margin)
    cuts = np.where((lower < middle) & (middle <= upper), middle, (lower + upper) / 2)
    ones, count = hits.sum(), float(len(hits))
    precision, recall = np.where(positives > 0, true / np.maximum(positives, 1), 1.0), true / max(ones, 1.0)
    if criterion == "accuracy":
        quality = (true + (count - ones) - (positives - true)) / count
    elif criterion == "f_beta":
        quality = f_score(precision, recall, float(values.get("f_beta", 1.0)))
    elif criterion == "precision_at_target_recall":
        quality = _constrained(recall, float(values.get("target_recall", 0.8)), precision)
    else:
        quality = _constrained(precision, float(values.get("target_precision", 0.8)), recall)
    best = np.flatnonzero(quality >= quality.max() - 1e-12)
    at = int(best[np.argmin(np.abs(cuts[best] - middle))])
    return float(cuts[at]), float(quality[at])


def f_score(precision: np.ndarray, recall: np.ndarray, beta: float) -> np.ndarray:
    """Return the F-beta score, 0 where precision and recall are 0."""
    below = beta * beta * precision + recall
    return np.where(below > 0, (1 + beta * beta) * precision * recall / np.where(below > 0, below, 1), 0.0)


def _constrained(constraint: np.ndarray, target: float, objective: np.ndarray) -> np.ndarray:
    """Rank cuts by `objective` where `constraint` reaches `target`, else by the distance to the target."""
    return np.where(constraint >= target, 1 + objective, constraint - target)
