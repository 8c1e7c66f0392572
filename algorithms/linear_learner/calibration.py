"""Finds the threshold above which a score means class 1, by the criterion a person chose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def threshold(scores: np.ndarray, y: np.ndarray, values: Mapping[str, Any], middle: float) -> tuple[float, float]:
    """(threshold, how good it is by the criterion, more being better) for scores and labels, both (rows,).

    `middle` is the natural threshold (0.5 of a probability): taken for loss_function, and where others are no better.
    """
    criterion = values.get("binary_classifier_model_selection_criteria", "accuracy")
    if criterion == "loss_function":
        return middle, 0.0
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order].astype(np.float64), y[order].astype(np.float64)
    ends = np.flatnonzero(np.append(np.diff(ranked) != 0, True))  # equal scores cannot be told apart
    # Cut i takes the first taken[i] rows: any threshold above lower[i] and up to upper[i] does.
    taken, true = np.append(0, ends + 1.0), np.append(0, np.cumsum(hits)[ends])
    little = 1e-6 * max(1.0, abs(ranked[0]), abs(ranked[-1]))
    upper = np.append(ranked[0] + 2 * little, ranked[ends])
    lower = np.append(ranked[ends - np.diff(taken).astype(int) + 1], ranked[-1] - 2 * little)
    cuts = np.where((lower < middle) & (middle <= upper), middle, (lower + upper) / 2)
    ones, count = hits.sum(), float(len(hits))
    precision, recall = np.where(taken > 0, true / np.maximum(taken, 1), 1.0), true / max(ones, 1.0)
    if criterion == "accuracy":
        goodness = (true + (count - ones) - (taken - true)) / count
    elif criterion == "f_beta":
        goodness = f_score(precision, recall, float(values.get("f_beta", 1.0)))
    elif criterion == "precision_at_target_recall":
        goodness = _held(recall, float(values.get("target_recall", 0.8)), precision)
    else:
        goodness = _held(precision, float(values.get("target_precision", 0.8)), recall)
    best = np.flatnonzero(goodness >= goodness.max() - 1e-12)
    at = int(best[np.argmin(np.abs(cuts[best] - middle))])
    return float(cuts[at]), float(goodness[at])


def f_score(precision: np.ndarray, recall: np.ndarray, beta: float) -> np.ndarray:
    """The F-beta score, 0 where both are 0."""
    below = beta * beta * precision + recall
    return np.where(below > 0, (1 + beta * beta) * precision * recall / np.where(below > 0, below, 1), 0.0)


def _held(held: np.ndarray, target: float, wanted: np.ndarray) -> np.ndarray:
    """`wanted` where `held` reaches its target; where nothing does, whoever comes nearest wins."""
    return np.where(held >= target, 1 + wanted, held - target)
