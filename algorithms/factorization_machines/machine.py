"""The model itself: a bias, a weight a feature, and a few factors a feature whose products are the interactions.

A row x is answered with bias + x.w + half the sum over factors of (x.v)^2 - (x^2).(v^2).
"""

from __future__ import annotations

from typing import Any

import numpy as np


class Machine:
    """`bias` float, `linear` (features,), `factors` (features, factors), float32."""

    def __init__(self, bias: float, linear: np.ndarray, factors: np.ndarray):
        self.bias, self.linear, self.factors = bias, linear, factors

    def outputs(self, x: Any) -> np.ndarray:
        """What the rows, dense or CSR, are answered with: float32 (rows,), before any sigmoid."""
        return forward(x, self.bias, self.linear, self.factors)[0]


def forward(x: Any, bias: float, linear: np.ndarray, factors: np.ndarray) -> tuple[np.ndarray, np.ndarray, Any]:
    """(outputs (rows,), x.v (rows, factors), x squared)."""
    sums = x @ factors
    squares = x.multiply(x).tocsr() if hasattr(x, "multiply") else x * x
    pairs = (sums * sums).sum(axis=1) - squares @ (factors * factors).sum(axis=1)
    return bias + x @ linear + 0.5 * pairs, sums, squares


def slopes(
    x: Any, error: np.ndarray, sums: np.ndarray, squares: Any, factors: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How the summed cost changes with linear (features,) and with factors (features, factors).

    `error` is how it changes with each output, (rows,); `sums` and `squares` are as `forward` gives them.
    """
    turned = x.T
    return turned @ error, turned @ (error[:, None] * sums) - (squares.T @ error)[:, None] * factors
