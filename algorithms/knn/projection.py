"""Folds features into fewer dimensions at random so that distances stay about the same (Johnson-Lindenstrauss)."""

from __future__ import annotations

from typing import Any

import numpy as np

from algorithms.knn.hyperparameters import SIGN


def matrix(kind: str, width: int, target: int, rng: Any) -> np.ndarray:
    """The projection, float32 (width, target): rows @ matrix.

    `sign`: plus or minus 1, each by chance. `fjlt`: signs by chance, a Hadamard transform, and `target` of its outputs
    drawn at random (the subsampled form of the fast Johnson-Lindenstrauss transform).
    """
    if kind == SIGN:
        made = rng.choice((-1.0, 1.0), (width, target))
    else:
        size = 1 << max(width - 1, target - 1, 1).bit_length()
        outputs = rng.choice(size, target, replace=False)
        made = hadamard(np.arange(width), outputs) * rng.choice((-1.0, 1.0), (width, 1))
    return (made / np.sqrt(target)).astype(np.float32)


def hadamard(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The entries of a Hadamard matrix at these rows and columns: -1 where they share an odd number of bits."""
    shared = rows[:, None] & columns[None, :]
    return np.where(np.bitwise_count(shared) % 2, -1.0, 1.0)
