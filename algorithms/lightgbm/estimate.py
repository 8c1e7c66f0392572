"""About how long LightGBM trains and how much memory it needs (measured: `algorithms.boosted`)."""

from __future__ import annotations

from collections.abc import Mapping
from math import log2
from typing import Any

from algorithms.boosted import Cost
from algorithms.contract import Facts

_COST = Cost(round=3e-3, row=1.4e-7, cell=7.75e-9, more=0.6)


def seconds(values: Mapping[str, Any], facts: Facts) -> float:
    # 255 leaves of any depth took twice as long as 64 leaves in six levels.
    depth = int(values.get("max_depth", 6))
    leaves = int(values.get("num_leaves", 64))
    levels = log2(min(leaves, 2**depth) if 0 < depth < 17 else leaves)
    return _COST.seconds(facts, int(values.get("num_boost_round", 100)), max(0.5, levels / 6))


def memory(values: Mapping[str, Any], facts: Facts) -> float:
    return _COST.memory(facts)
