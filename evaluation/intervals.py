"""95 % confidence intervals of figures: of shares and the AUC by their score intervals, of others by the bootstrap.

A perfect figure of few rows has a bootstrap interval of no width, as if it were certain; score intervals have not. All
take the rows as independent. Shares: Wilson (1927); against a rare share Clopper and Pearson (1934), for Wilson's takes
one row of ten for more than 1 %. AUC: Newcombe (2006), method 5. Others: the percentiles of the figure over rows drawn
with replacement (Efron 1979).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import stats

from tables.evaluation import auc_bounds

Interval = tuple[float, float]
Figures = dict[str, float]
ENOUGH = 30  # rows; of fewer, the bootstrap gives no interval
SEED = 0


def share_interval(count: int, rows: int, is_rare: bool = False) -> Interval | None:
    """The interval of `count` of `rows`; None of none. A share that is compared with a rare one is exact."""
    if not rows:
        return None
    bounds = stats.binomtest(count, rows).proportion_ci(method="exact" if is_rare else "wilson")
    return float(bounds.low), float(bounds.high)


def auc_interval(area: float, positive: int, negative: int) -> Interval:
    """The interval of an AUC over so many rows of each class, one or more."""
    return auc_bounds(area, positive, negative)


def bootstrap_intervals(figures: Callable[[np.ndarray], Figures], rows: int) -> dict[str, Interval]:
    """The intervals of `figures(positions of drawn rows)`; a figure that is NaN in a draw is left out of it.

    A figure that is the same in every draw has none: it is not certain, the rows are too few to tell.
    """
    if rows < ENOUGH:
        return {}
    rng, drawn = np.random.default_rng(SEED), {}  # type: ignore[var-annotated]
    for _draw in range(draws(rows)):
        for name, value in figures(rng.integers(0, rows, rows)).items():
            if math.isfinite(value):
                drawn.setdefault(name, []).append(value)
    bounds = {name: np.quantile(values, (0.025, 0.975)) for name, values in drawn.items()}
    return {name: (float(low), float(high)) for name, (low, high) in bounds.items() if low < high}


def draws(rows: int) -> int:
    """How often `rows` rows are drawn anew: less often where each draw takes longer."""
    return 500 if rows <= 2_000 else 200 if rows <= 20_000 else 100
