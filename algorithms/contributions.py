"""Exact contributions of each number of a row to a model's answer, by its library or its formula.

The contributions of a row and its base add up to the score that the answer is computed from (Lundberg and Lee 2017, "A
unified approach to interpreting model predictions").
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the interface of predictors imports this module, and no library
    import numpy as np


class Scale(StrEnum):
    """The scale on which contributions add up, by what becomes of the sum."""

    ANSWER = "answer"  # it is the answer
    LOG_ODDS = "log-odds"  # of the second class, or of each class by itself
    MARGIN = "margin"  # its sign is the answer
    LOG = "log"  # the answer's logarithm
    SOFTMAX = "softmax"  # the score of one class of several, before they become probabilities


@dataclass(frozen=True)
class Contributions:
    """The contributions to the scores of rows.

    `effects` are float64 (rows, features) and `base` (rows,): the score that a row starts from. `classes` are the
    positions of the explained classes, the one that is predicted; None for numbers and for two classes, of which the
    second is explained. `start` and `end` (rows,) are the answers that belong to the base and to the sum.
    """

    effects: np.ndarray
    base: np.ndarray
    classes: np.ndarray | None
    start: np.ndarray
    end: np.ndarray
    scale: Scale


def of_library(values: np.ndarray, scale: Scale) -> Contributions:
    """Contributions from what the libraries of boosted trees return.

    `values` are (rows, features + 1), or (rows, classes, features + 1) for more than two classes; the base comes last.
    """
    import numpy as np

    values = np.asarray(values, np.float64)
    if values.ndim == 2:
        base, total = values[:, -1], values.sum(axis=1)
        return Contributions(values[:, :-1], base, None, answers(base, scale), answers(total, scale), scale)
    totals, rows = values.sum(axis=2), np.arange(len(values))
    classes = totals.argmax(axis=1)
    start, end = (answers(scores, scale)[rows, classes] for scores in (values[:, :, -1], totals))
    chosen = values[rows, classes]
    return Contributions(chosen[:, :-1], chosen[:, -1], classes, start, end, scale)


def answers(scores: np.ndarray, scale: Scale) -> np.ndarray:
    """The answers that scores (rows,) or (rows, classes) on a scale become."""
    import numpy as np

    with np.errstate(over="ignore"):
        if scale is Scale.LOG_ODDS:
            return np.exp(-np.logaddexp(0.0, -scores))
        if scale is Scale.LOG:
            return np.exp(scores)
        if scale is Scale.SOFTMAX:
            shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
            return shares / shares.sum(axis=-1, keepdims=True)
    return scores
