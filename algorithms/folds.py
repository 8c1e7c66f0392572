"""Deals all rows of a job into folds, and takes the best round of their mean."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from algorithms.contract import TrainingContext
from algorithms.fold_score import COUNT, MAX_ROWS, VARIABLE, FoldScore
from algorithms.refit import wants_refit

STUDENT_T = 2.776  # the 97.5 % quantile with COUNT - 1 degrees of freedom
SEED = 0


def wants_folds(ctx: TrainingContext, labels: np.ndarray, is_classification: bool) -> bool:
    """True if the job asks for folds and its rows, with `labels` (rows,), can be dealt into them.

    Every fold needs a row of each class.
    """
    is_requested = ctx.environment.get(VARIABLE) == str(COUNT) and wants_refit(ctx)
    if not is_requested or not 2 * COUNT <= len(labels) <= MAX_ROWS:
        return False
    return not is_classification or int(np.unique(labels, return_counts=True)[1].min()) >= COUNT


def split_folds(labels: np.ndarray, is_classification: bool) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return (rows to learn from, rows to judge by) of each fold, as positions; classes keep their shares."""
    order = np.random.default_rng(SEED).permutation(len(labels))
    if is_classification:
        order = order[np.argsort(labels[order], kind="stable")]
    fold = np.empty(len(labels), int)
    fold[order] = np.arange(len(labels)) % COUNT
    return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(COUNT)]


def best_score(
    metric: str, means: Sequence[float], deviations: Sequence[float], maximize: bool, is_sample: bool = False
) -> FoldScore:
    """Return the best round's score. `deviations` are those of the folds: of a sample with `is_sample`, else of all.

    A round without a finite mean is never the best.
    """
    values = np.asarray(means, float)
    best = int(np.where(np.isfinite(values), values if maximize else -values, -np.inf).argmax())
    deviation = float(deviations[best]) * (1.0 if is_sample else math.sqrt(COUNT / (COUNT - 1)))
    return FoldScore(best + 1, metric, float(means[best]), STUDENT_T * deviation / math.sqrt(COUNT))
