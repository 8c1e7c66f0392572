"""Sketches of values: counts in bins of equal ratio, from which percentiles are read, also after merging.

As in DDSketch (Masson, Rim and Lee, 2019): a bin holds the values between two powers of GAMMA, so a percentile is at
most 1 % away from the value of that rank, however many sketches were merged.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np

GAMMA = 1.02
_LOG = math.log(GAMMA)
Sketch = dict[str, int]  # number of the bin -> values in it; text, because JSON has no other keys


def sketch(values: Iterable[float]) -> Sketch:
    """The sketch of `values`; what is below 1 counts as 1."""
    logs = np.log(np.maximum(np.asarray(values, dtype=float), 1.0)) / _LOG
    bins, counts = np.unique(np.floor(logs).astype(int), return_counts=True)
    return {str(bin_): count for bin_, count in zip(bins.tolist(), counts.tolist(), strict=True)}


def merge(into: Sketch, other: Mapping[str, int]) -> None:
    """Add the counts of `other` to `into`."""
    for bin_, count in other.items():
        into[bin_] = into.get(bin_, 0) + count


def percentile(counts: Mapping[str, int], percent: float) -> float:
    """The value that `percent` of the values do not exceed, by nearest rank. Raises ValueError for an empty sketch."""
    rank = max(1, math.ceil(sum(counts.values()) * percent / 100 - 1e-9))
    for bin_ in sorted(map(int, counts)):
        rank -= counts[str(bin_)]
        if rank <= 0:
            return GAMMA ** (bin_ + 0.5)
    raise ValueError("An empty sketch has no percentile.")
