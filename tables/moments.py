"""Mean and standard deviation of numbers that come in batches."""

from __future__ import annotations

import math


class Moments:
    """Count, mean, standard deviation, least and greatest of the finite numbers added (Chan, Golub, LeVeque 1983)."""

    def __init__(self) -> None:
        self.count = 0
        self.low: float | None = None
        self.high: float | None = None
        self._mean = self._squares = 0.0

    def add(self, count: int, mean: float, variance: float, low: float, high: float) -> None:
        """Add a batch of `count` numbers, at least one; `variance` is that of the batch as a population."""
        total = self.count + count
        delta = mean - self._mean
        self._squares += variance * count + delta * delta * self.count * count / total
        self._mean += delta * count / total
        self.count = total
        self.low = low if self.low is None else min(self.low, low)
        self.high = high if self.high is None else max(self.high, high)

    def result(self) -> tuple[float | None, float | None]:
        """(mean, standard deviation), None of no number.

        Where sums pass the largest float: the middle and the half of the range.
        """
        if self.low is None or self.high is None:
            return None, None
        variance = self._squares / self.count
        if math.isfinite(self._mean) and math.isfinite(variance):
            # Rounding may have passed the range.
            return min(max(self._mean, self.low), self.high), math.sqrt(max(variance, 0.0))
        return self.low / 2 + self.high / 2, self.high / 2 - self.low / 2
