"""About how long XGBoost trains and how much memory it needs (measured: `algorithms.boosted`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from algorithms.boosted import Cost
from algorithms.contract import Facts
from algorithms.xgboost.settle import NUM_ROUND

_COST = Cost(round=2.5e-3, row=2.2e-7, cell=8.2e-9, more=0.4)
_ENDLESS = 10  # levels that stand for max_depth 0, no limit


def seconds(values: Mapping[str, Any], facts: Facts) -> float:
    # 100 000 x 20 x 30: 0.83 s at depth 3, 0.66 at 6, 1.66 at 9.
    depth = int(values.get("max_depth", 6)) or _ENDLESS
    rounds = int(values.get("num_round", NUM_ROUND)) * int(values.get("num_parallel_tree", 1))
    models = int(values.get("_kfold", 1)) * int(values.get("_num_cv_round", 1))
    return _COST.seconds(facts, rounds, max(0.8, 2 ** ((depth - 6) / 4))) * models


def memory(values: Mapping[str, Any], facts: Facts) -> float:
    return _COST.memory(facts)
