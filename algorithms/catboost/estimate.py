"""About how long CatBoost trains and how much memory it needs (measured: `algorithms.boosted`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from algorithms.boosted import Cost
from algorithms.contract import Facts

_COST = Cost(round=3.5e-3, row=2.5e-7, cell=1.2e-8, more=0.45, score=60)
_ORDERED = 2.3  # times as long as Plain


def seconds(values: Mapping[str, Any], facts: Facts) -> float:
    # 100 000 x 20 x 30: 1.13 s at depth 4, 1.25 at 6, 1.96 at 8, 3.00 at 10.
    deeper = max(0.8, 2 ** ((int(values.get("depth", 6)) - 6) / 3.2))
    if values.get("boosting_type") == "Ordered":
        deeper *= _ORDERED
    return _COST.seconds(facts, int(values.get("iterations", 500)), deeper)


def memory(values: Mapping[str, Any], facts: Facts) -> float:
    return _COST.memory(facts)
