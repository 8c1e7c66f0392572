"""Combines the labels of neighbours: the most common class, or the mean."""

from __future__ import annotations

import numpy as np


def majority_label(labels: np.ndarray) -> np.ndarray:
    """Return the most common label (rows,) of labels (rows, k), nearest first. The nearest label breaks ties."""
    distinct, codes = np.unique(labels, return_inverse=True)
    codes = codes.reshape(labels.shape)
    rows, k = labels.shape
    votes = np.zeros((rows, len(distinct)))
    row_numbers = np.arange(rows)
    for rank in range(k):
        # A bonus for nearer neighbours: less than one vote in total, and larger than the sum of all farther ones.
        votes[row_numbers, codes[:, rank]] += 1 + 0.5 ** (rank + 1)
    return distinct[votes.argmax(axis=1)]


def mean_label(labels: np.ndarray) -> np.ndarray:
    """Return the mean label (rows,) of labels (rows, k)."""
    return labels.mean(axis=1, dtype=np.float64)
