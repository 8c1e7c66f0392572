"""Estimates training time and memory of LightGBM (constants from `algorithms.boosting_cost`)."""

from __future__ import annotations

from collections.abc import Mapping
from math import log2
from typing import Any

from algorithms.boosting_cost import BoostingCost
from algorithms.contract import Facts

_COST = BoostingCost(per_round=7e-5, per_row=7e-8, per_cell=4.5e-9, per_extra_class=1.2, steps=2.1)


def seconds(values: Mapping[str, Any], facts: Facts) -> float:
    """Return the training time in seconds on one ml.m5.large, 0 if the rows are unknown."""
    # 255 leaves of any depth took twice as long as 64 leaves in six levels.
    depth = int(values.get("max_depth", 6))
    leaves = int(values.get("num_leaves", 64))
    levels = log2(min(leaves, 2**depth) if 0 < depth < 17 else leaves)
    rounds = _COST.expected_rounds(
        facts, int(values.get("num_boost_round", 100)), int(values.get("early_stopping_rounds", 10)),
        float(values.get("learning_rate", 0.1)),
    )  # fmt: skip
    return _COST.seconds(facts, rounds, max(0.5, levels / 5))


def memory(values: Mapping[str, Any], facts: Facts) -> float:
    """Return the peak bytes of a job, 0 if the rows are unknown."""
    return _COST.memory(facts)
