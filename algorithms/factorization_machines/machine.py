"""The model: a bias, a weight per feature, and factors per feature whose products are the interactions.

The output for a row x is bias + x.w + half the sum over factors of (x.v)^2 - (x^2).(v^2).
"""

from __future__ import annotations

from typing import Any

import numpy as np


class Machine:
    """`bias` float, `linear` (features,), `factors` (features, factors), float32."""

    def __init__(self, bias: float, linear: np.ndarray, factors: np.ndarray):
        self.bias, self.linear, self.factors = bias, linear, factors

    def outputs(self, x: Any) -> np.ndarray:
        """Return the outputs for rows, dense or CSR: float32 (rows,), before any sigmoid."""
        return forward(x, self.bias, self.linear, self.factors)[0]


def forward(x: Any, bias: float, linear: np.ndarray, factors: np.ndarray) -> tuple[np.ndarray, np.ndarray, Any]:
    """Return (outputs (rows,), x.v (rows, factors), x squared)."""
    sums = x @ factors
    squares = x.multiply(x).tocsr() if hasattr(x, "multiply") else x * x
    pairs = (sums * sums).sum(axis=1) - squares @ (factors * factors).sum(axis=1)
    return bias + x @ linear + 0.5 * pairs, sums, squares


def gradients(
    x: Any, error: np.ndarray, sums: np.ndarray, squares: Any, factors: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradients of the total cost by linear (features,) and by factors (features, factors).

    `error` is the gradient by the outputs, (rows,). `sums` and `squares` are results of `forward`.
    """
    transposed = x.T
    return transposed @ error, transposed @ (error[:, None] * sums) - (squares.T @ error)[:, None] * factors
