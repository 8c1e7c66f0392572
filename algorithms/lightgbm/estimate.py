"""Estimates training time and memory of LightGBM (constants from `algorithms.boosting_cost`)."""

from __future__ import annotations

from collections.abc import Mapping
from math import log2
from typing import Any

from algorithms.boosting_cost import BoostingCost
from algorithms.contract import Facts

_COST = BoostingCost(per_round=3e-3, per_row=1.4e-7, per_cell=7.75e-9, per_extra_class=0.6)


def seconds(values: Mapping[str, Any], facts: Facts) -> float:
    """Return the training time in seconds on one ml.m5.large, 0 if the rows are unknown."""
    # 255 leaves of any depth took twice as long as 64 leaves in six levels.
    depth = int(values.get("max_depth", 6))
    leaves = int(values.get("num_leaves", 64))
    levels = log2(min(leaves, 2**depth) if 0 < depth < 17 else leaves)
    return _COST.seconds(facts, int(values.get("num_boost_round", 100)), max(0.5, levels / 6))


def memory(values: Mapping[str, Any], facts: Facts) -> float:
    """Return the peak bytes of a job, 0 if the rows are unknown."""
    return _COST.memory(facts)
