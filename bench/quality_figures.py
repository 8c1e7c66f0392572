"""The figures of bench.quality, and how far one set of predictions is behind another, with a paired bootstrap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

RESAMPLES = 400
SMALLEST = 1e-15  # of a probability in a log loss
Figure = Callable[[np.ndarray, np.ndarray], float]


def log_loss(labels: np.ndarray, values: np.ndarray) -> float:
    """Mean of -log of the probability of the true class."""
    shares = values / np.maximum(values.sum(axis=1, keepdims=True), SMALLEST)
    return float(np.mean(-np.log(np.clip(shares[np.arange(len(labels)), labels.astype(int)], SMALLEST, 1))))


def accuracy(labels: np.ndarray, values: np.ndarray) -> float:
    """Share of the rows whose likeliest class is the true one."""
    return float(np.mean(values.argmax(axis=1) == labels))


def auc(labels: np.ndarray, values: np.ndarray) -> float:
    """Area under the ROC curve of two classes, by ranks; ties count half."""
    positive = labels == 1
    n, m = int(positive.sum()), int((~positive).sum())
    if not n or not m:
        return float("nan")
    return float((rankdata(values[:, 1])[positive].sum() - n * (n + 1) / 2) / (n * m))


def rmse(labels: np.ndarray, values: np.ndarray) -> float:
    """Root mean squared error."""
    return float(np.sqrt(np.mean((values - labels) ** 2)))


FIGURES: dict[str, dict[str, tuple[Figure, bool]]] = {  # {task: {name: (figure, is more better)}}, the chief one first
    "binary": {"AUC": (auc, True), "log loss": (log_loss, False), "accuracy": (accuracy, True)},
    "multiclass": {"accuracy": (accuracy, True), "log loss": (log_loss, False)},
    "regression": {"RMSE": (rmse, False)},
}


@dataclass(frozen=True)
class Run:
    """Labels and predictions for the test rows of each split of a table."""

    labels: Sequence[np.ndarray]
    values: Sequence[np.ndarray]

    def figure(self, figure: Figure) -> float:
        """The mean over the splits."""
        return float(np.mean([figure(*pair) for pair in zip(self.labels, self.values, strict=True)]))


def behind(ours: float, theirs: float, more: bool) -> float:
    """How far `ours` is behind `theirs`, as a share of it; below 0 it is ahead."""
    gap = theirs - ours if more else ours - theirs
    return gap / abs(theirs) if theirs else 0.0


def behind_between(ours: Run, theirs: Run, figure: Figure, more: bool) -> tuple[float, float]:
    """A 95 % interval of `behind`: the same rows are drawn for both, within each split."""
    rng = np.random.default_rng(0)
    gaps = []
    for _ in range(RESAMPLES):
        a, b = [], []
        for labels, mine, other in zip(ours.labels, ours.values, theirs.values, strict=True):
            drawn = rng.integers(0, len(labels), len(labels))
            a.append(figure(labels[drawn], mine[drawn]))
            b.append(figure(labels[drawn], other[drawn]))
        gaps.append(behind(float(np.nanmean(a)), float(np.nanmean(b)), more))
    low, high = np.nanpercentile(gaps, [2.5, 97.5])
    return float(low), float(high)
