"""Random projections that approximately preserve distances (Johnson-Lindenstrauss)."""

from __future__ import annotations

from typing import Any

import numpy as np

from algorithms.knn.hyperparameters import SIGN


def projection_matrix(kind: str, width: int, target: int, rng: Any) -> np.ndarray:
    """Return the projection matrix, float32 (width, target), for `rows @ matrix`.

    `sign` is a random sign in each entry. `fjlt` is random signs, a Hadamard transform and a random sample of `target`
    of its outputs (the subsampled fast Johnson-Lindenstrauss transform).
    """
    if kind == SIGN:
        projection = rng.choice((-1.0, 1.0), (width, target))
    else:
        size = 1 << max(width - 1, target - 1, 1).bit_length()
        outputs = rng.choice(size, target, replace=False)
        projection = hadamard(np.arange(width), outputs) * rng.choice((-1.0, 1.0), (width, 1))
    return (projection / np.sqrt(target)).astype(np.float32)


def hadamard(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return the entries of a Hadamard matrix: -1 where row and column share an odd number of bits, else 1."""
    shared = rows[:, None] & columns[None, :]
    return np.where(np.bitwise_count(shared) % 2, -1.0, 1.0)
