"""Detects target leakage by factors: two columns whose product or ratio is the target, as price and count."""

from __future__ import annotations

import numpy as np

from tables.sum_leaks import MIN_ROWS, MIN_SHARE, Numbers

PAIR_ROWS = 64  # rows on which every pair is tried
MAX_TRIED = 20  # pairs that are tried on all rows
MIN_DISTINCT = 20  # values of the target, of which fewer are equal by chance
MAX_DECIMALS = 6
_ROUNDING = 1e-9  # of the target's greatest value


def find_product(numbers: Numbers | None) -> dict[str, int]:
    """{column: 1 or -1} of two columns whose product, or the first by the second for -1, is the target.

    So it is in nearly all rows, but for the rounding of the target. {} if there are none.
    """
    if numbers is None:
        return {}
    names, x, y = numbers
    if len(np.unique(y)) < MIN_DISTINCT:
        return {}
    slack = _slack(y)
    with np.errstate(all="ignore"):
        rows = np.flatnonzero(y)
        rows = rows[:: max(1, len(rows) // PAIR_ROWS)][:PAIR_ROWS]
        for first, second, power in _pairs(x[rows], y[rows], slack):
            whole = np.isfinite(x[:, [first, second]]).all(axis=1)
            matches = np.abs(x[whole, first] * x[whole, second] ** power - y[whole]) <= slack
            varies = all(len(np.unique(x[whole, at])) > 2 for at in (first, second))
            if varies and whole.sum() >= max(MIN_ROWS, len(y) / 2) and matches.mean() >= MIN_SHARE:
                return {names[first]: 1, names[second]: power}
    return {}


def _slack(y: np.ndarray) -> float:
    """By how much a product may differ: half of the last decimal that the target is written with."""
    for decimals in range(MAX_DECIMALS + 1):
        if np.allclose(y, np.round(y, decimals), rtol=0, atol=1e-9 * max(1.0, float(np.abs(y).max()))):
            # Whole numbers are not rounded: they are counts, and nearly equal would be equal by chance.
            return (0.5 * 10.0**-decimals if decimals else 0.0) * (1 + 1e-6) + _ROUNDING * float(np.abs(y).max())
    return _ROUNDING * float(np.abs(y).max())


def _pairs(x: np.ndarray, y: np.ndarray, slack: float) -> list[tuple[int, int, int]]:
    """(first, second, 1 or -1) of the pairs that fit in most of some rows, at most MAX_TRIED."""
    pairs: list[tuple[int, int, int]] = []
    for first in range(x.shape[1]):
        for power in (1, -1):
            matches = (np.abs(x[:, first, None] * x.astype(float) ** power - y[:, None]) <= slack).sum(axis=0)
            for second in np.flatnonzero(2 * matches > len(y)):
                if second != first and (power < 0 or second > first):
                    pairs.append((first, int(second), power))
    return pairs[:MAX_TRIED]
