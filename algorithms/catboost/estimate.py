"""Estimates training time and memory of CatBoost (constants from `algorithms.boosting_cost`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from algorithms.boosting_cost import BoostingCost
from algorithms.contract import Facts

# Of small tables a thousand rounds took 3.7 s where none was saved by stopping early, and 0.8 to 1.9 s where some were.
_COST = BoostingCost(
    per_round=1.7e-3, per_row=2.5e-7, per_cell=1.2e-8, per_extra_class=0.45, bytes_per_class=60, start=0.15
)
_ORDERED = 2.3  # times as long as Plain


def seconds(values: Mapping[str, Any], facts: Facts) -> float:
    """Return the training time in seconds on one ml.m5.large, 0 if the rows are unknown."""
    # 100 000 x 20 x 30: 1.13 s at depth 4, 1.25 at 6, 1.96 at 8, 3.00 at 10.
    depth_factor = max(0.8, 2 ** ((int(values.get("depth", 6)) - 6) / 3.2))
    if values.get("boosting_type") == "Ordered":
        depth_factor *= _ORDERED
    return _COST.seconds(facts, int(values.get("iterations", 500)), depth_factor)


def memory(values: Mapping[str, Any], facts: Facts) -> float:
    """Return the peak bytes of a job, 0 if the rows are unknown."""
    return _COST.memory(facts)
