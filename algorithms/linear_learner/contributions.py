"""Contributions of a linear model: weight times the distance of a value from its mean among the training rows."""

from __future__ import annotations

import numpy as np

from algorithms.contributions import Contributions, Scale, answers
from algorithms.linear_learner.hyperparameters import MULTICLASS


def contributions(
    weights: np.ndarray, bias: np.ndarray, mean: np.ndarray, kind: str, loss: str, rows: np.ndarray
) -> Contributions:
    """The contributions of rows (rows, features) to the scores of `weights` (features, outputs) and `bias`.

    `mean` (features,) are the training rows' means; a score starts from that of a row of them.
    """
    scores, bases = rows.astype(np.float64) @ weights + bias, mean @ weights + bias
    scale = Scale.SOFTMAX if kind == MULTICLASS else Scale.LOG_ODDS if loss == "logistic" else Scale.ANSWER
    classes = scores.argmax(axis=1)
    starts, ends = answers(np.broadcast_to(bases, scores.shape), scale), answers(scores, scale)
    positions = np.arange(len(rows)), classes
    return Contributions(
        (rows - mean) * weights.T[classes], bases[classes], classes if kind == MULTICLASS else None,
        starts[positions], ends[positions], scale,
    )  # fmt: skip
